"""All addresses of the officers' pages; each module of this folder adds its own to the blueprint."""

from __future__ import annotations

from web.office import acts, application, applications, papers, take_on, worklist
from web.office.blueprint import blueprint

__all__ = ["acts", "application", "applications", "blueprint", "papers", "take_on", "worklist"]
