"""Requests with their clocks, what a decision would do, the letter and what is left of them."""
