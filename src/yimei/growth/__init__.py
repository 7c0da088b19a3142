"""Leads, campaigns, members, referrals, partners, events and content."""
