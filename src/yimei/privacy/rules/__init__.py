"""Decisions about personal information on plain values."""
