"""Screens of analysis: dashboards, the explorer, statistics, SQL and the dictionary."""
