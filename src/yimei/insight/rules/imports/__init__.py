"""What may be taken in from other programs' tables, and how their words are read."""
