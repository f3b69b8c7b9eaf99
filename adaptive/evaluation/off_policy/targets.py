"""Policies that may be evaluated: by name, or a class in a file of one's own."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from adaptive.errors import InvalidInput, Problem, unknown_name
from adaptive.policies import POLICIES, build_policy
from adaptive.protocols import Policy

__all__ = ["target_policy"]


def target_policy(name: str, parameters: Mapping[str, Any] | None = None) -> Policy:  # Any: JSON values
    """The policy of that name, or of `path/to/file.py:ClassName`, made with these parameters. Raises UnknownName, InvalidInput.

    >>> target_policy("threshold", {"target": 0.6}).version == target_policy("threshold").version
    False
    """
    path, colon, class_name = name.rpartition(":")
    if not (colon and path.endswith(".py")) and name not in POLICIES:
        raise unknown_name("policy", name, POLICIES, way_out="use one of them, or path/to/file.py:ClassName")
    if name in POLICIES:
        return build_policy(name, parameters or {})
    build = _class_of(Path(path), class_name)
    try:
        policy: Policy = build(**(parameters or {}))
    except TypeError as error:
        rule = "parameters are fields of its settings"
        raise InvalidInput(f"policy {name!r}", [Problem("parameters", rule, str(parameters), f"correct them ({error})")]) from error
    return policy


def _class_of(path: Path, class_name: str) -> Callable[..., Policy]:
    """The class in the file. What the file raises while it is read is its author's to see."""
    if not path.is_file():
        raise InvalidInput(
            "policy", [Problem("file", "a policy of one's own is a class in a Python file", str(path), "name one that exists")]
        )
    spec = importlib.util.spec_from_file_location(f"policy_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise InvalidInput("policy", [Problem("file", "a policy of one's own is a class in a Python file", str(path), "name a .py file")])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = getattr(module, class_name, None)
    lacking = [each for each in ("name", "version", "probabilities") if not hasattr(found, each)]
    if not isinstance(found, type) or lacking:
        rule = "a policy is a class with name, version and probabilities (adaptive/protocols.py)"
        raise InvalidInput("policy", [Problem(str(path), rule, class_name, f"add {', '.join(lacking) or 'it'}")])
    return found
