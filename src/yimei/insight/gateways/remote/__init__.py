"""Other machines: asked only when the administrator allowed them, and only to read."""
