"""Money of applications: pools and their lock, what is payable now, payments, recovery."""
