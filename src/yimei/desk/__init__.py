"""Staff screens: they guard, parse, call one action or query, and render."""
