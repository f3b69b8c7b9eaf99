"""Records that are stored once under an id and never change: what happens when the id comes again."""

from __future__ import annotations

from adaptive.errors import Problem, RecordConflict
from adaptive.storage.documents import parse

__all__ = ["require_same"]


def require_same(subject: str, stored: str, given: str) -> None:
    """Raise RecordConflict where two documents under one id differ; every differing field is named, old and new.

    >>> require_same("plan 'p1'", '{"flags":[]}', '{"flags":["late"]}')
    Traceback (most recent call last):
    adaptive.errors.RecordConflict: plan 'p1' has 1 problem:
      flags: a stored record never changes; it holds []. Got "['late']"; use another id for another record.
    """
    if stored == given:
        return
    old, new = parse(stored), parse(given)
    raise RecordConflict(
        subject,
        [
            Problem(
                name, f"a stored record never changes; it holds {old.get(name)}", str(new.get(name)), "use another id for another record"
            )
            for name in sorted(old.keys() | new.keys())
            if old.get(name) != new.get(name)
        ],
    )
