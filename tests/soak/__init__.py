"""Long runs that try to break the engine: `python -m tests.soak`; a short version of each is in the suite."""
