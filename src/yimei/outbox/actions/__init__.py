"""Every write of this part."""
