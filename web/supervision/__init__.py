"""Pages of those who watch the district: the overview, and the lists and the table behind its numbers."""
