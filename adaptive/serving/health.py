"""Whether the server lives, and whether it can answer."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import Field

from adaptive.serving.call import CurrentCall, rendered
from adaptive.serving.fields import Answer, Versions
from adaptive.serving.problems import documented

__all__ = ["Alive", "Ready", "router"]

router = APIRouter(tags=["operation"])


class Alive(Answer):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Ready(Versions):
    """The server can do its work."""

    status: Literal["ready"] = "ready"
    schema_version: str = Field(description="The version of the database's schema.")


@router.get("/healthz", operation_id="get_health", summary="Whether the process lives", response_model=Alive)
async def get_health() -> Response:
    """Answers as long as the process does; looks at nothing."""
    return rendered(Alive())


@router.get("/readyz", operation_id="get_readiness", summary="Whether it can answer", response_model=Ready, responses=documented())
def get_readiness(call: CurrentCall) -> Response:
    """Reads a row of the database and names the model in service; 503 where the database does not answer."""
    return rendered(Ready(schema_version=call.store.schema_version(), **call.versions))
