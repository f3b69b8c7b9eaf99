"""What a handler is given: the engine, whose data it may touch, and this request's time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Self, TypeAlias

from fastapi import Depends, Request, Response

from adaptive.engine import Engine
from adaptive.serving.edge import Edge
from adaptive.serving.fields import Answer
from adaptive.serving.joined_store import JoinedStore
from adaptive.serving.problems import instance_of

__all__ = ["TENANT", "AnyEngine", "Call", "CurrentCall", "Tenant", "rendered", "tenant"]

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
    store: JoinedStore
    edge: Edge
    tenant_id: str
    at: datetime
    instance: str

    @classmethod
    def of(cls, request: Request, tenant_id: str, **more: Any) -> Self:  # Any: the further fields of a subclass
        """The call of a request, from what its application holds."""
        state = request.app.state
        own = {"engine": state.engine, "store": state.store, "edge": state.edge, "at": state.edge.now(), "instance": instance_of(request)}
        return cls(tenant_id=tenant_id, **own, **more)

    @property
    def versions(self) -> dict[str, Any]:  # Any: the fields of `Versions`, which checks them
        """The fields of `Versions`: what the answer rests on."""
        return {
            "model_version": self.engine.model_version,
            "catalog_version": self.engine.catalog.version,
            "generated_at": self.at,
        }


Tenant = Annotated[str, Depends(tenant)]


# Dependencies are asynchronous because FastAPI would send each synchronous one through a worker thread of its own.
async def current_call(request: Request, tenant_id: Tenant) -> Call:
    """The call of this request, from what the application holds."""
    return Call.of(request, tenant_id)


CurrentCall = Annotated[Call, Depends(current_call)]


def rendered(answer: Answer, status: int = 200) -> Response:
    """The answer as an HTTP response: written once, by the model that documents it."""
    return Response(answer.model_dump_json(), status, media_type="application/json")
