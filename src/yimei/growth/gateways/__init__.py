"""Clients of outside systems and shapes of their files."""
