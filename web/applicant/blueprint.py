"""The blueprint that every module of this folder adds its addresses to."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("applicant", __name__)

# Who fills in applications: the organisation itself, or its township for one that comes with paper.
FILLERS = ("applicant", "township_officer")
