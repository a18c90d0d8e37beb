"""All tables, the two engines (reading, writing) and the one Alembic tree. No rule lives here."""
