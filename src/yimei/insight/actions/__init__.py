"""Writes of analysis: the mart, and what readers keep."""
