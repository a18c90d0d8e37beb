"""Find the townships in which organisations are registered without reading the organisations."""

from __future__ import annotations

from alembic import op

revision = "0105"
down_revision = "0104"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_organisations_township_id"), "organisations", ["township_id"], unique=False)
