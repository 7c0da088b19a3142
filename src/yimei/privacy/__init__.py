"""Lawful handling of personal information: purposes, notices, consents, retention, the data map."""
