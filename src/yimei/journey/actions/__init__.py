"""Every write of the journey."""
