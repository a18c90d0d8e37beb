"""What only a demo database has: a clock that can be moved, and sample people to sign in as."""
