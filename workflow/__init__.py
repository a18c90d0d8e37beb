"""The engine: tables, processes, policy, clock, accounts. No Flask, no mail, no scheduler lives here."""
