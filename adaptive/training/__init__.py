"""Runs, MLflow tracking, registry and promotion. The only floor that knows MLflow."""
