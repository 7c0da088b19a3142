"""Clients of outside channels."""
