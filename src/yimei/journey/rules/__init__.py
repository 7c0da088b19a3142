"""Decisions of the journey on plain values; no database."""
