"""Tables of attempts, column maps, readers, folds and generated data."""
