"""Score scales, norms, and the prior that a score implies."""
