"""Decisions about money on plain values."""
