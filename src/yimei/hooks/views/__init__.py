"""One module for each outside program that calls."""
