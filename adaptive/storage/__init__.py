"""The append-only log, snapshots, decisions, placements and plans, in SQL. The only floor that knows SQL."""
