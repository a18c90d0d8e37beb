"""Puts the administrator's pages together: every module adds its addresses to the one blueprint."""

from __future__ import annotations

from web.admin import (
    budget,
    calendar,
    deliveries,
    home,
    people,
    person,
    policies,
    processes,
    rulings,
    units,
)
from web.admin.blueprint import blueprint

__all__ = [
    "blueprint",
    "budget",
    "calendar",
    "deliveries",
    "home",
    "people",
    "person",
    "policies",
    "processes",
    "rulings",
    "units",
]
