"""Referrals (移送): the joint-meeting office's files on idle or slow offices."""
