"""Where networks are trained."""

from __future__ import annotations

from typing import Final

import torch

from adaptive.errors import InvalidInput, Problem

__all__ = ["device_of"]

_KNOWN: Final = ("auto", "cpu", "cuda")


def device_of(name: str) -> torch.device:
    """The device that `NetworkSettings.device` names; `auto` is a GPU where torch finds one, else the CPU. Raises InvalidInput.

    >>> device_of("cpu")
    device(type='cpu')
    """
    if name not in _KNOWN:
        raise _refused(f"must be one of {', '.join(_KNOWN)}", name, "use auto")
    has_gpu = torch.cuda.is_available()
    if name == "cuda" and not has_gpu:
        raise _refused(
            "cuda needs a GPU that torch finds", name, f"use auto or cpu, or install a torch with CUDA (this is {torch.__version__})"
        )
    return torch.device("cuda" if has_gpu and name != "cpu" else "cpu")


def _refused(rule: str, value: str, way_out: str) -> InvalidInput:
    return InvalidInput("network settings", [Problem("device", rule, value, way_out)])
