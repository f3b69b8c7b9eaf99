"""Idempotency-Key: a POST that comes again is answered as it was the first time, and done once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request, Response

from adaptive.errors import StorageUnavailable
from adaptive.serving.call import Call, Tenant, rendered
from adaptive.serving.fields import AboutLearner, Answer, OpaqueId
from adaptive.storage import StoredAnswer

__all__ = ["OnceCall", "RepeatableCall"]

Key = Annotated[
    OpaqueId | None,
    Header(
        alias="Idempotency-Key",
        description="A name of your own for this request. Within 24 hours the same request under the same key is not done again "
        "but answered with the stored answer; another request under the key is refused (422).",
    ),
]


@dataclass(frozen=True, slots=True)
class RepeatableCall(Call):
    """A call that may carry an Idempotency-Key. `request_line` is its method and path."""

    request_line: str
    key: str | None

    def once(self, body: AboutLearner, answer: Callable[[], Answer], *, status: int = 201) -> Response:
        """What `answer` gives; under a key, what it gave the first time.

        The answer is stored in the transaction of what it reports, so a crash leaves both or neither; what is computed
        before the first write happens outside any transaction. Of two requests at once under a key, the one that is later
        to store its answer is undone, and answered with the other's. An error is not stored, as nothing was applied: the
        retry tries again.
        """
        if self.key is None:
            return rendered(answer(), status)
        request_sha256 = self._sha256(body)
        first = self._first_answer(self.key, request_sha256)
        if first is not None:
            return first
        try:
            with self.store.joining(self.tenant_id):
                response = rendered(answer(), status)
                new = StoredAnswer(status, bytes(response.body), learner_id=body.learner_id)
                with self.store.unit(self.tenant_id, write=True) as unit:
                    unit.store_answer(self.key, request_sha256, new, self.at)
        except StorageUnavailable:
            first = self._first_answer(self.key, request_sha256)
            if first is None:
                raise
            return first
        return response

    def _first_answer(self, key: str, request_sha256: str) -> Response | None:
        """What the request was answered with, where it has been. Raises RecordConflict where the key came with another one."""
        with self.store.unit(self.tenant_id, write=False) as unit:
            stored = unit.stored_answer(key, request_sha256, self.at)
        return None if stored is None else Response(stored.body, stored.status, media_type=stored.media_type)

    def _sha256(self, body: AboutLearner) -> str:
        """Of method, path and the fields that were sent, however they were ordered and spaced."""
        content = f"{self.request_line}\n{body.model_dump_json(exclude_unset=True)}"
        return hashlib.sha256(content.encode()).hexdigest()


async def repeatable_call(request: Request, tenant_id: Tenant, idempotency_key: Key = None) -> RepeatableCall:
    """The call with its key."""
    return RepeatableCall.of(request, tenant_id, request_line=f"{request.method} {request.url.path}", key=idempotency_key)


OnceCall = Annotated[RepeatableCall, Depends(repeatable_call)]
