"""Let the lists count from their indexes alone; find work by its state and applications by their year."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0103"
down_revision = "0102"
branch_labels = None
depends_on = None

OPEN = "closed_at IS NULL"
CLOSED = "closed_at IS NOT NULL"
# Name, table, columns, and of which rows.
INDEXES = (
    (
        "ix_cases_worklist", "cases",
        "unit_id waiting due_on id timer_at handler_id process state closed_at", OPEN,
    ),
    (
        "ix_cases_open_due", "cases",
        "waiting due_on id timer_at process state unit_id was_late step_number closed_at", OPEN,
    ),
    ("ix_cases_section", "cases", "unit_id process state due_on id township_id closed_at", OPEN),
    ("ix_cases_closed_at", "cases", "closed_at process state number", CLOSED),
    ("ix_cases_township", "cases", "township_id id process state unit_id number", None),
    ("ix_payments_case", "payments", "case_id status", None),
    ("ix_payments_status", "payments", "status prepared_by_id case_id", None),
    ("ix_payments_kind", "payments", "kind case_id", None),
    ("ix_applications_year", "applications", "award_year case_id", None),
    ("ix_achievements_key", "achievements", "key", None),
)  # fmt: skip
NEW = ("ix_cases_section", "ix_payments_kind", "ix_applications_year", "ix_achievements_key")


def upgrade() -> None:
    for name, table, columns, rows in INDEXES:
        if name not in NEW:
            op.drop_index(name, table_name=table)
        where = None if rows is None else text(rows)
        op.create_index(name, table, columns.split(), sqlite_where=where, postgresql_where=where)
