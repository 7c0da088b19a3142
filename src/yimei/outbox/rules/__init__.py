"""Decisions about messages on plain values."""
