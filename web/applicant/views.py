"""Puts the pages of applicants together: every module adds its addresses to the one blueprint."""

from __future__ import annotations

from web.applicant import (
    application,
    awards,
    defects,
    entering,
    evidence,
    form,
    home,
    organisation,
    printed,
    registration,
    submission,
    viewer,
)
from web.applicant.blueprint import blueprint

__all__ = [
    "application",
    "awards",
    "blueprint",
    "defects",
    "entering",
    "evidence",
    "form",
    "home",
    "organisation",
    "printed",
    "registration",
    "submission",
    "viewer",
]
