"""An adaptive practice engine: learner models, recommendations, placement and plans, from one posterior."""
