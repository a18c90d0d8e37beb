"""Pages of those who apply: the organisations themselves, and townships that enter paper for them (代录)."""
