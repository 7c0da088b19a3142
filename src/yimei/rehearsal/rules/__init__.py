"""What the synthetic hospital looks like, on plain values; nothing real."""
