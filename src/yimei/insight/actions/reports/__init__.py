"""Writing, signing, sharing and discussing reports."""
