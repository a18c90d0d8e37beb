"""History: verifying the chain of events and replaying a case from its own records."""
