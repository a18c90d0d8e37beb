"""The district's policy as pure rules: award lines, rulings, eligibility, entitlement. No database here."""
