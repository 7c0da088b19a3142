"""Persons: customers, guardians and staff; roles, scopes, licences, sign-in and care relations."""
