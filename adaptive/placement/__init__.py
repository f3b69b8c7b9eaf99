"""Score scales, norms, and the prior that a score implies."""

from adaptive.placement.ability import grade_on
from adaptive.placement.checks import score_problems
from adaptive.placement.norms import percentile
from adaptive.placement.prior import p_mastered, prior_from_scores
from adaptive.placement.scales import SCALES, ScoreScale, find_scale
from adaptive.placement.scores import ReadRow, ScoreTable, read_scores

__all__ = [
    "SCALES",
    "ReadRow",
    "ScoreScale",
    "ScoreTable",
    "find_scale",
    "grade_on",
    "p_mastered",
    "percentile",
    "prior_from_scores",
    "read_scores",
    "score_problems",
]
