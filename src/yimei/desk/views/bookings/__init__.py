"""Bookings: the day, one booking, its moves, and free times."""
