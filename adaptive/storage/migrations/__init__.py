"""The schema's history: one module per version under `versions`, run by `adaptive.storage.schema`.

To change the schema: add `versions/v000N_what.py` with `revision = "000N"` and `down_revision` its predecessor, write
`upgrade`, change `tables.py` to match (a test compares the two on both databases), and never touch a released version.
Versions go forward only; the way back is the backup made before.
"""
