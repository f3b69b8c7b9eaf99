"""What all learners share of how they differ, gain, forget and wander: the model's hyperparameters by name."""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["DAY_ZERO", "OFF", "Hyperparameters"]


class Hyperparameters(NamedTuple):
    """Standard deviations in logits, gains in logits an attempt, seconds. Any sd, gain or exponent at 0 switches its part off.

    Defaults are a compromise between what fits on three public sets found (ASSISTments 2009, Statics 2011, cloze).
    """

    ability_sd: float = 0.95
    """Spread between learners of the ability that all skills share."""
    skill_sd: float = 0.4
    """Spread of a learner's skill around that ability."""
    structure_share: float = 0.5
    """Share of skill_sd squared that skills close in the catalogue have in common, in [0, 1)."""
    form_sd: float = 0.5
    form_kept: float = 0.925
    """The learner's form of the hour: first-order autoregression by attempt, in all skills alike."""
    skill_form_sd: float = 0.45
    skill_form_kept: float = 0.7
    """The same of one skill, by practice of it."""
    skill_form_right: float = 0.4
    skill_form_wrong: float = 0.2
    skill_form_exposure: float = 0.3
    """What a practice lends to the form of its skill, of either sign: it passes, and only the gain below lasts."""
    gain_right: float = 0.1
    gain_wrong: float = 0.05
    gain_exposure: float = 0.08
    """Rise of a practised skill's ability after a right answer, a wrong one, and study, hints or a retry."""
    gain_sd: float = 0.14
    """How much the gain of one practice varies."""
    saturation: float = 0.25
    """Gains fall with practice n as 1 / (1 + saturation n), and so does the variance of a gain."""
    massing: float = 0.2
    """Share of a gain that is lost at once after the skill's last practice; of it 1 / (1 + hours since) is left."""
    rate_sd: float = 0.3
    """Spread between learners of their rate of learning, around 1: gains are the learner's rate times the above."""
    challenge: float = 0.3
    """Share of what an attempt teaches or lends that goes with its challenge 4 p (1 - p), p the chance of success: in [0, 1)."""
    gate: float = 1.0
    """Exponent on readiness, min(success on the weakest prerequisite / READY_AT, 1), by which an attempt teaches less before its time."""
    weakest: float = 3.0
    """How much the weakest skill of an item decides: 0 is their mean, infinity the weakest alone."""
    memory_sd: float = 0.1
    """Spread of what a learner makes of one item, beyond its skills."""
    memory_right: float = 0.2
    memory_wrong: float = 0.0
    memory_exposure: float = 0.1
    """What a meeting leaves for the next one of the same item, of either sign."""
    memory_gain_sd: float = 0.1
    """How much that varies."""
    recent_right: float = 0.8
    recent_wrong: float = 0.8
    recent_exposure: float = 0.2
    """What the last meeting of an item leaves in mind for a while, of either sign."""
    recent_scale: float = 60.0
    """Seconds after which half of that is left: 1 / (1 + seconds / recent_scale)."""
    spacing: float = 0.5
    """Share by which a meeting at once after the last one adds less to the memory (the spacing effect), in [0, 1)."""
    time_scale: float = 60.0
    """Seconds after which forgetting by (1 + seconds / time_scale) ** -exponent sets in."""
    skill_forgetting: float = 0.03
    skill_form_forgetting: float = 0.1
    memory_forgetting: float = 0.1
    form_forgetting: float = 0.02
    """The exponents."""
    memory_step_decay: float = 0.05
    """Exponent by which memory of an item falls with the learner's attempts since."""
    guess: float = 0.05
    """Chance of a right answer without any ability; it helps forecasts of items and never counts as mastery."""
    luck: float = 0.8
    """The same where an item's options are stated, as a share of 1 / their number: wrong options attract (Lord 1974), so it is below 1."""


DAY_ZERO: Final = Hyperparameters()
"""What holds before any data."""

OFF: Final = Hyperparameters(**dict.fromkeys(Hyperparameters._fields, 0.0))._replace(ability_sd=1.0, time_scale=1.0, recent_scale=1.0)
"""A Rasch model: ability N(0, 1), and nothing else."""
