"""Forms that staff and patients fill in alike."""
