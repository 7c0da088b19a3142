"""Settings, addresses and the console: where the parts become one program."""
