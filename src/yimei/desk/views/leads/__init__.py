"""Leads: the list, a new enquiry, one lead."""
