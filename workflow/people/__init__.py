"""Who there is: persons and their memberships, units, organisations.

What they may do is the business of the process.
"""
