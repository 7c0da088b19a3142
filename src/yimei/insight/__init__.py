"""Figures that managers steer by; reads every part below and writes only its own rows."""
