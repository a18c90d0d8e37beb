"""The administrator's pages, and with them the rulings of the bureau and the budgets of finance."""
