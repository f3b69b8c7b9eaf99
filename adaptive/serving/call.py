"""What a handler is given: the engine, whose data it may touch, and this request's time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, TypeAlias

from fastapi import Depends, Request, Response

from adaptive.engine import Engine
from adaptive.serving.edge import Edge
from adaptive.serving.fields import Answer
from adaptive.serving.problems import instance_of

__all__ = ["TENANT", "AnyEngine", "Call", "CurrentCall", "rendered", "tenant"]

AnyEngine: TypeAlias = Engine[Any]  # Any: each model has its own state, which handlers never look into

TENANT: Final = "default"
"""The one tenant while there are no credentials."""


async def tenant() -> str:
    """Whose data the request may touch. The only place that decides it: credentials will be read here."""
    return TENANT


@dataclass(frozen=True, slots=True)
class Call:
    """One request as its handler sees it; `at` is the one moment that everything in it shares, `instance` names it."""

    engine: AnyEngine
    edge: Edge
    tenant_id: str
    at: datetime
    instance: str

    @property
    def versions(self) -> dict[str, Any]:  # Any: the fields of `Versions`, which checks them
        """The fields of `Versions`: what the answer rests on."""
        return {
            "model_version": self.engine.model_version,
            "catalog_version": self.engine.catalog.version,
            "generated_at": self.at,
        }


# Dependencies are asynchronous because FastAPI would send each synchronous one through a worker thread of its own.
async def current_call(request: Request, tenant_id: Annotated[str, Depends(tenant)]) -> Call:
    """The call of this request, from what the application holds."""
    state = request.app.state
    return Call(state.engine, state.edge, tenant_id, state.edge.now(), instance_of(request))


CurrentCall = Annotated[Call, Depends(current_call)]


def rendered(answer: Answer, status: int = 200) -> Response:
    """The answer as an HTTP response: written once, by the model that documents it."""
    return Response(answer.model_dump_json(), status, media_type="application/json")
