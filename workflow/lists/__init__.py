"""Looking: worklists, pages of cases, search, overview, inbox. Nothing here writes, `mark_read` apart."""
