"""The console script `adaptive`: commands, exit codes, errors.

Exit code 0 means done, 1 bad input or a failed operation (the message says which rule and the way out), 2 wrong usage.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import typer

from adaptive.cli.decisions import decisions
from adaptive.cli.demo import demo
from adaptive.cli.evaluate import evaluate
from adaptive.cli.import_attempts import import_attempts
from adaptive.cli.ope import ope
from adaptive.cli.plan import plan
from adaptive.cli.serve import serve
from adaptive.cli.simulate import simulate
from adaptive.cli.train import refresh, train
from adaptive.cli.tune import tune
from adaptive.errors import AdaptiveError

__all__ = ["app", "main"]

app = typer.Typer(
    name="adaptive",
    help="An adaptive practice engine: learner models, recommendations, placement and plans, from one posterior.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

COMMANDS: dict[str, Callable[..., None]] = {
    "import": import_attempts,
    "evaluate": evaluate,
    "train": train,
    "tune": tune,
    "simulate": simulate,
    "refresh": refresh,
    "serve": serve,
    "plan": plan,
    "decisions": decisions,
    "ope": ope,
    "demo": demo,
}
for _name, _command in COMMANDS.items():
    app.command(_name)(_command)


@app.callback()
def _root() -> None:
    """An adaptive practice engine: learner models, recommendations, placement and plans, from one posterior."""


def main() -> None:
    """Run the command line; translate this package's errors to a message on standard error and exit code 1."""
    try:
        app()
    except AdaptiveError as error:
        sys.stderr.write(f"error: {error}\n")
        raise SystemExit(1) from error
