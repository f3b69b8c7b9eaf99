"""The HTTP surface. The only floor that knows FastAPI and pydantic."""

from adaptive.serving.app import create_app
from adaptive.serving.edge import Edge
from adaptive.serving.settings import ServingSettings

__all__ = ["Edge", "ServingSettings", "create_app"]
