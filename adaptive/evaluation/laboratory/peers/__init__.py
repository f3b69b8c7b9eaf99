"""Other people's ways to choose an item, as players for many learners at once: each with its source and its own records."""

from adaptive.evaluation.laboratory.peers.cat import CatPlayer
from adaptive.evaluation.laboratory.peers.curriculum import CurriculumPlayer
from adaptive.evaluation.laboratory.peers.elo import EloPlayer
from adaptive.evaluation.laboratory.peers.fsrs_review import FsrsPlayer
from adaptive.evaluation.laboratory.peers.mastery_learning import MasteryLearningPlayer
from adaptive.evaluation.laboratory.peers.zpdes import ZpdesPlayer, ZpdesSettings

__all__ = ["CatPlayer", "CurriculumPlayer", "EloPlayer", "FsrsPlayer", "MasteryLearningPlayer", "ZpdesPlayer", "ZpdesSettings"]
