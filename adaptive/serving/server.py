"""The process around the application: a socket, uvicorn, logs as JSON lines, and an orderly end."""

from __future__ import annotations

import logging.config
import signal
import socket
from contextlib import suppress
from time import perf_counter
from typing import Any, Final

import uvicorn
from fastapi import FastAPI

from adaptive.errors import InvalidInput, Problem
from adaptive.serving.request_log import LOGGER

__all__ = ["listen", "run_server", "warm_up"]

_LOGGING: Final[dict[str, Any]] = {  # Any: as logging.config takes it
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "adaptive.serving.request_log.JsonLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "loggers": {
        LOGGER.name: {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "uvicorn": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
    },
}

_BACKLOG: Final = 2048
"""Connections that may wait to be accepted; uvicorn's own default."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 takes a free one. Raises InvalidInput where the address cannot be had.

    >>> with listen("127.0.0.1", 0) as listener:
    ...     listener.getsockname()[0]
    '127.0.0.1'
    """
    listener = None
    try:
        # The protocol must be named: asyncio sends small answers at once (TCP_NODELAY) on sockets of that protocol only,
        # and without it each answer waits 40 ms for the client's delayed acknowledgement.
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a restart need not wait for old connections to time out
        listener.bind(address)
        listener.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        if listener is not None:
            listener.close()
        rule = "the server needs an address of this machine with a port that is free"
        way_out = "stop what holds it, or name another --host or --port"
        raise InvalidInput("serve", [Problem(f"{host}:{port}", rule, str(error), way_out)]) from error
    return listener


def warm_up(app: FastAPI) -> int:
    """Let the engine do what its first request would wait for; milliseconds that it took. Call it before saying where to ask."""
    began = perf_counter()
    app.state.engine.warm_up(at=app.state.edge.now())
    return round(1e3 * (perf_counter() - began))


def run_server(app: FastAPI, listener: socket.socket, **about: object) -> None:
    """Answer until SIGTERM or Ctrl-C, then finish what is being answered. `about` goes into the first line of the log.

    uvicorn's own access log stays off: it would name learners and addresses.
    """
    logging.config.dictConfig(_LOGGING)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=app.state.settings.max_shutdown_seconds,
    )
    LOGGER.info("serving", extra={"fields": about})
    # uvicorn sends itself the signal again once it is done; SIGTERM would then kill the process before it has tidied up.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listener])
    finally:
        signal.signal(signal.SIGTERM, before)
    LOGGER.info("stopped")
