"""The inbox: what a person has been told."""
