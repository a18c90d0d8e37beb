"""Pages of referrals (移送): their list, drafting one, one of them with its acts, and the letter to print."""
