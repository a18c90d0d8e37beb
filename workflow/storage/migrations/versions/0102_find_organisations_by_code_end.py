"""Keep the end of every credit code with an index of its own, so that organisations are found by it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0102"
down_revision = "0101"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("organisations", sa.Column("code_end", sa.Text(), server_default="", nullable=False))
    op.execute("UPDATE organisations SET code_end = substr(credit_code, length(credit_code) - 3)")
    op.create_index(op.f("ix_organisations_code_end"), "organisations", ["code_end"], unique=False)
