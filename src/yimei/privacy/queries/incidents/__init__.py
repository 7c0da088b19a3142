"""Incidents with their clocks, whom they touch, and the papers they need."""
