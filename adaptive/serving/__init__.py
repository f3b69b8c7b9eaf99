"""The HTTP surface. The only floor that knows FastAPI and pydantic."""
