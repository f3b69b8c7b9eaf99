"""The application: an engine behind HTTP."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from adaptive.serving import attempts, batches, health, mastery, placements, plans, predictions, recommendations, zones
from adaptive.serving.body_limit import BodyLimit
from adaptive.serving.call import AnyEngine
from adaptive.serving.edge import Edge
from adaptive.serving.handlers import add_error_handlers
from adaptive.serving.joined_store import JoinedStore
from adaptive.serving.request_log import RequestLog
from adaptive.serving.settings import ServingSettings

__all__ = ["create_app"]

_DESCRIPTION = """
Evidence in, recommendations out. Ids are opaque strings of your own choice; personal data has no place here.

Every attempt carries your `attempt_id`, so sending it again is safe; other POSTs take an `Idempotency-Key`. Errors are
`application/problem+json` (RFC 9457) with a stable `slug`, and mean that nothing was applied. Beside those that an
operation lists, every path answers 405 (`method_not_allowed`, with `Allow`) to a method that it does not take, and a path that
does not exist 404 (`not_found`).

This version knows no credentials: keep it on a trusted network.
"""

_CONCERNS = (attempts, batches, recommendations, predictions, mastery, zones, placements, plans, health)


def create_app(engine: AnyEngine, *, settings: ServingSettings | None = None, edge: Edge | None = None) -> FastAPI:
    """The ASGI application over this engine. It holds no state but what it is given, so any number may run on one store.

    `edge` makes times, ids and seeds; give one of your own where answers must be reproducible.
    """
    settings, edge = settings or ServingSettings(), edge or Edge()
    app = FastAPIOffline(  # the pages at /docs and /redoc come from here, so they show on a closed network
        title="adaptive",
        summary="An adaptive practice engine: attempts in, recommendations, mastery, placements and plans out.",
        description=_DESCRIPTION,
        version=version("adaptive-practice"),
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        redirect_slashes=False,
    )
    store = JoinedStore(engine.store)
    app.state.engine, app.state.store = replace(engine, store=store), store
    app.state.settings, app.state.edge = settings, edge
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes, max_bytes_of={batches.PATH: settings.max_batch_bytes})
    app.add_middleware(RequestLog, new_id=edge.new_id)
    add_error_handlers(app)
    for concern in _CONCERNS:
        app.include_router(concern.router)
    return app
