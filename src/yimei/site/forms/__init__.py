"""What a visitor types."""
