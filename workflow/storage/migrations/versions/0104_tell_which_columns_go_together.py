"""Tell PostgreSQL which columns of a case go together, so that it foresees how many cases a list has."""

from __future__ import annotations

from alembic import op

revision = "0104"
down_revision = "0103"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(
        "CREATE STATISTICS st_cases_together (mcv)"
        " ON unit_id, process, state, waiting, timer_at, closed_at FROM cases"
    )
    op.execute("ANALYZE cases")
