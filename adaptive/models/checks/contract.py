"""Contract checks that every learner model passes, ours and a stranger's: call `check_model` with a way to build it.

Each check stands alone in CHECKS, takes a `Subject` and raises `ContractBroken` with what was broken.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
from scipy.stats import rankdata

from adaptive.domain import Attempt
from adaptive.models.artifact import Metadata, read_folder, write_folder
from adaptive.models.checks.data import TINY_ITEMS, TINY_SKILLS, PlainData, flipped, tiny_attempts
from adaptive.models.checks.generative import (
    check_advancing_is_asking_later,
    check_draws_are_of_the_forecast_learner,
    check_draws_of_skills_are_of_the_learner,
    check_expected_gain_is_a_gain,
)
from adaptive.models.checks.subject import (
    AnyModel,
    ContractBroken,
    Subject,
    losses,
    require,
    require_equal,
    require_sound,
    state_text,
    table_of,
)
from adaptive.models.replay import forecast, replay, walk
from adaptive.protocols import AbilityPrior, Floats, Items, Skills

__all__ = [
    "CHECKS",
    "AnyModel",
    "ContractBroken",
    "Subject",
    "check_advancing_is_asking_later",
    "check_correct_answers_never_lower_mastery",
    "check_cost_is_independent_of_history_length",
    "check_draws_are_of_the_forecast_learner",
    "check_draws_of_skills_are_of_the_learner",
    "check_expected_gain_is_a_gain",
    "check_forecasts_are_probabilities",
    "check_higher_placements_give_higher_mastery",
    "check_later_attempts_change_no_earlier_forecast",
    "check_learners_are_apart",
    "check_model",
    "check_one_seed_gives_one_fit",
    "check_own_data_is_recovered",
    "check_replay_can_be_resumed",
    "check_save_and_load",
    "check_shuffled_labels_give_no_skill",
    "check_states_can_be_written",
    "check_training_loss_is_forecast_loss",
    "check_unknown_ids_work",
    "check_update_is_pure",
]

_SAME_SUM: Final = 1e-9
"""Two sums of the same terms in another order agree to this; anything more is another formula."""

_Z: Final = 4.0
"""Standard errors that a statistical check allows: it raises a false alarm once in 16,000 seeds; seeds are fixed."""


def check_model(build: Callable[[], AnyModel], *, seed: int = 0) -> None:
    """Run every check; the first that is broken raises.

    >>> from adaptive.models import build_model
    >>> check_model(lambda: build_model("baseline"))
    """
    subject = Subject.of(build, seed=seed)
    for check in CHECKS.values():
        check(subject)


def check_update_is_pure(subject: Subject) -> None:
    """`update` leaves its input as it was, and the same input gives the same output."""
    for history in subject.histories[:4]:
        for before, attempt in walk(subject.fitted, history):
            written = state_text(subject.fitted, before)
            first, second = subject.fitted.update(before, attempt), subject.fitted.update(before, attempt)
            require(state_text(subject.fitted, before) == written, f"update must leave its input unchanged, not so at {attempt.attempt_id}")
            require(first == second, f"update must depend on its arguments alone; {attempt.attempt_id} gave two states")


def check_states_can_be_written(subject: Subject) -> None:
    """A state comes back from its JSON text equal, and so does the text."""
    for history in subject.histories[:4]:
        state = replay(subject.fitted, history)
        back = subject.fitted.decode_state(json.loads(state_text(subject.fitted, state)))
        require(back == state, "decode_state must give back the state that encode_state wrote")
        require(state_text(subject.fitted, back) == state_text(subject.fitted, state), "encode_state must write equal states alike")


def check_replay_can_be_resumed(subject: Subject) -> None:
    """A history in two parts gives the state and the forecasts of the whole."""
    for history in subject.histories[:8]:
        first, rest = history[: len(history) // 3], history[len(history) // 3 :]
        middle = replay(subject.fitted, first)
        require(replay(subject.fitted, rest, middle) == replay(subject.fitted, history), "replay in two parts must end in one state")
        parts = np.concatenate([forecast(subject.fitted, first), forecast(subject.fitted, rest, middle)])
        require_equal(parts, forecast(subject.fitted, history), "forecasts in two parts must be those of the whole")


def check_forecasts_are_probabilities(subject: Subject) -> None:
    """P(correct) lies in (0, 1) within its interval, mastery in [0, 1]: before any data or attempt, and after each history."""
    for model in subject.stages():
        for history in ([], *subject.histories[:6]):
            require_sound(model, replay(model, history), TINY_ITEMS, TINY_SKILLS)


def check_unknown_ids_work(subject: Subject) -> None:
    """Items and skills that the model never saw, and items without any skill, are forecast and updated like others."""
    items = Items(("new", "q1", "bare", "new"), (("halves", "never seen"), ("never seen",), (), ("never seen",)))
    strange = [
        Attempt(f"n{i}", "ann", id_, skill_ids, correct=i % 2)
        for i, (id_, skill_ids) in enumerate(zip(items.item_ids, items.skill_ids, strict=True))
    ]
    for model in subject.stages():
        require_sound(model, replay(model, strange), items, Skills(("never seen", "halves", "unmet")))


def check_later_attempts_change_no_earlier_forecast(subject: Subject) -> None:
    """With every later outcome turned around, and the present one, a forecast is what it was."""
    for history in subject.histories[:8]:
        whole = forecast(subject.fitted, history)
        for cut in (0, 1, len(history) // 2):
            turned = forecast(subject.fitted, [*history[:cut], *map(flipped, history[cut:])])
            both = ~np.isnan(whole[: cut + 1]) & ~np.isnan(turned[: cut + 1])
            require_equal(
                turned[: cut + 1][both], whole[: cut + 1][both], f"a forecast must not know what comes; attempt {cut} and later did"
            )


def check_learners_are_apart(subject: Subject) -> None:
    """Two learners in turns get the states and forecasts that each has alone."""
    model, (ann, ben) = subject.fitted, subject.histories[:2]
    alone = forecast(model, ann), replay(model, ben)
    state_a, state_b = model.initial_state(), model.initial_state()
    in_turns = []
    for of_ann, of_ben in zip(ann, ben, strict=True):
        p_correct = model.predict(state_a, Items((of_ann.item_id,), (of_ann.skill_ids,)), of_ann.occurred_at).p_correct[0]
        in_turns.append(p_correct if of_ann.is_evidence else np.nan)
        state_a, state_b = model.update(state_a, of_ann), model.update(state_b, of_ben)
    require_equal(np.array(in_turns), alone[0], "learners must not influence each other's forecasts")
    require(state_b == alone[1], "learners must not influence each other's states")


def check_training_loss_is_forecast_loss(subject: Subject) -> None:
    """`training_log_loss`, by whatever path the fit has, is the mean log loss of `forecast` on the same table."""
    stated = getattr(subject.fitted, "training_log_loss", None)
    require(stated is not None, "a fitted model must state its training_log_loss")
    measured = float(np.mean(losses(subject.fitted, subject.histories)))
    require(abs(float(stated or 0.0) - measured) <= _SAME_SUM, f"training loss must equal forecast loss; got {stated} and {measured}")


def check_one_seed_gives_one_fit(subject: Subject) -> None:
    """The same attempts and seed give the same parameters, bit for bit."""
    once, again = (subject.build().fit(subject.table, seed=7).parameters() for _ in range(2))
    require(
        once.settings == again.settings and once.arrays.keys() == again.arrays.keys(), "one seed must give one fit; the settings differ"
    )
    for name, values in once.arrays.items():
        require_equal(values, again.arrays[name], f"one seed must give one fit; {name} differs")


def check_save_and_load(subject: Subject) -> None:
    """The model read back from its folder forecasts the same, and can be fitted again."""
    model = subject.fitted
    with tempfile.TemporaryDirectory() as folder:
        metadata = Metadata(datetime(2026, 1, 1, tzinfo=UTC))
        write_folder(Path(folder) / "m", name=model.name, class_name=type(model).__name__, parameters=model.parameters(), metadata=metadata)
        loaded = type(model).from_parameters(read_folder(Path(folder) / "m")[1])
    for history in subject.histories[:8]:
        require_equal(forecast(loaded, history), forecast(model, history), "a model read back must forecast the same")
    again = loaded.fit(subject.table)
    require_equal(forecast(again, subject.histories[0]), forecast(model, subject.histories[0]), "a model read back must fit the same")


def check_correct_answers_never_lower_mastery(subject: Subject) -> None:
    """After a right answer P(mastered) of its skills is no lower, unless `why_correct_can_lower_mastery` says why."""
    model = subject.fitted
    if getattr(model, "why_correct_can_lower_mastery", ""):
        return
    for start in (model.initial_state(), model.initial_state(_placement(1.5))):
        for history in subject.histories[:8]:
            for state, attempt in walk(model, history, start):
                skills, right = Skills(attempt.skill_ids), replace(attempt, correct=1.0, study=False)
                before = model.mastery(state, skills, attempt.occurred_at).p_mastered
                after = model.mastery(model.update(state, right), skills, attempt.occurred_at).p_mastered
                lowered = bool(np.any(after < before - _SAME_SUM))
                require(not lowered, f"a right answer must not lower mastery; {attempt.attempt_id} took it from {before} to {after}")


def check_higher_placements_give_higher_mastery(subject: Subject) -> None:
    """A placement one logit higher raises P(mastered) and expected success on each placed skill."""
    for model in subject.stages():
        placed = [model.mastery(model.initial_state(_placement(mean)), TINY_SKILLS, None) for mean in (-0.5, 0.5, 1.5, 2.5)]
        for low, high in pairwise(placed):
            rises = np.all(high.p_mastered > low.p_mastered) and np.all(high.expected_success > low.expected_success)
            require(bool(rises), "a higher placement must give higher mastery and expected success")


def check_cost_is_independent_of_history_length(subject: Subject) -> None:
    """Ten times as many attempts on the same items leave a state as large as before; so do 3,000 on new items after 1,000."""
    history = subject.histories[0]
    on_new_items = [replace(attempt, item_id=f"{n}-{i}") for n in range(160) for i, attempt in enumerate(history)]
    for once, often in ((list(history) * 2, list(history) * 20), (on_new_items[: len(on_new_items) // 4], on_new_items)):
        before, after = (len(state_text(subject.fitted, replay(subject.fitted, attempts))) for attempts in (once, often))
        require(after < 1.5 * before, f"a state must not grow with the history; {before} characters became {after}")


def check_shuffled_labels_give_no_skill(subject: Subject) -> None:
    """Fitted and judged on outcomes dealt out at random, AUC is .50 within four standard errors."""
    rng = np.random.default_rng(1)
    histories = tiny_attempts(rng, PlainData(n_learners=160, plain=True))
    labels = iter(rng.permutation([float(attempt.correct or 0.0) for history in histories for attempt in history]).tolist())
    dealt = [[replace(attempt, correct=next(labels)) for attempt in history] for history in histories]
    model = subject.build().fit(table_of(dealt[:80]))
    score = np.array([attempt.correct for history in dealt[80:] for attempt in history])
    auc, error = _auc(np.concatenate([forecast(model, history) for history in dealt[80:]]), score)
    require(abs(auc - 0.5) <= _Z * error, f"shuffled labels must give AUC .50 within {_Z * error:.3f}; got {auc:.3f}")


def check_own_data_is_recovered(subject: Subject) -> None:
    """Fitted on answers that it drew itself, the model forecasts new ones as well as the one that drew them.

    Excess log loss, which is the divergence between the two, stays under .02: with 4,000 answers, about 60 parameters
    cost some .0075.
    """
    rng = np.random.default_rng(2)
    drawn = [_drawn(subject.fitted, history, rng) for history in tiny_attempts(rng, PlainData(n_learners=240, plain=True))]
    refitted = subject.build().fit(table_of(drawn[:160]))
    excess = float(np.mean(losses(refitted, drawn[160:]) - losses(subject.fitted, drawn[160:])))
    require(excess < 0.02, f"a model must recover itself from its own data; it loses {excess:.3f} nats an answer")


CHECKS: Final[Mapping[str, Callable[[Subject], None]]] = MappingProxyType(
    {
        check.__name__.removeprefix("check_"): check
        for check in (
            check_update_is_pure,
            check_states_can_be_written,
            check_replay_can_be_resumed,
            check_forecasts_are_probabilities,
            check_unknown_ids_work,
            check_later_attempts_change_no_earlier_forecast,
            check_learners_are_apart,
            check_training_loss_is_forecast_loss,
            check_one_seed_gives_one_fit,
            check_save_and_load,
            check_correct_answers_never_lower_mastery,
            check_higher_placements_give_higher_mastery,
            check_cost_is_independent_of_history_length,
            check_shuffled_labels_give_no_skill,
            check_own_data_is_recovered,
            check_draws_are_of_the_forecast_learner,
            check_draws_of_skills_are_of_the_learner,
            check_advancing_is_asking_later,
            check_expected_gain_is_a_gain,
        )
    }
)
"""Every check by its claim."""


def _placement(mean: float) -> AbilityPrior:
    n = len(TINY_SKILLS)
    return AbilityPrior(TINY_SKILLS.skill_ids, np.full(n, mean), np.eye(n), "check")


def _auc(p_correct: Floats, score: Floats) -> tuple[float, float]:
    """Area under the ROC curve of whole answers, and its standard error where forecasts and answers are unrelated."""
    right, wrong = int((score == 1.0).sum()), int((score == 0.0).sum())
    ranks = rankdata(p_correct)
    auc = (ranks[score == 1.0].sum() - right * (right + 1) / 2) / (right * wrong)
    return float(auc), float(np.sqrt((right + wrong + 1) / (12.0 * right * wrong)))


def _drawn(model: AnyModel, history: Sequence[Attempt], rng: np.random.Generator) -> list[Attempt]:
    """The history with outcomes drawn from the model's own forecasts: a draw of its joint distribution."""
    state, drawn = model.initial_state(), []
    for attempt in history:
        p_correct = model.predict(state, Items((attempt.item_id,), (attempt.skill_ids,)), attempt.occurred_at).p_correct[0]
        drawn.append(replace(attempt, correct=float(rng.random() < p_correct)))
        state = model.update(state, drawn[-1])
    return drawn
