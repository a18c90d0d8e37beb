"""The process engine: definitions as data, one machine for each, and `perform`, the one door to a state."""
