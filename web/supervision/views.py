"""All addresses of the supervisor's pages; each module of this folder adds its own to the blueprint."""

from __future__ import annotations

from web.supervision import overdue, overview
from web.supervision.blueprint import blueprint

__all__ = ["blueprint", "overdue", "overview"]
