"""A small Django app with the rows that an act leaves, for the peers that live in Django."""
