"""How much memory the process has needed."""

from __future__ import annotations

import sys

__all__ = ["peak_mb"]


def peak_mb() -> float | None:
    """Largest resident memory of this process so far, in MB of 2^20 bytes; None on Windows, which does not tell.

    >>> peak_mb() > 10
    True
    """
    if sys.platform == "win32":
        return None
    import resource  # noqa: PLC0415 - absent on Windows

    units_per_mb = 1024**2 if sys.platform == "darwin" else 1024  # macOS counts bytes, Linux KiB
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / units_per_mb
