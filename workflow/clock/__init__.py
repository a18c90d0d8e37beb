"""Time as the offices count it: working days, due days, alert levels, the ledger that explains them.

Pure rules: `today` or `now` is an argument, no database and no page is known here.
"""
