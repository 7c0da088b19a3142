"""What the journey shows across its tables."""
