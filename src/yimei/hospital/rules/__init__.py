"""Decisions about the hospital on plain values."""
