"""Benchmarks that ship: each module has ``run(n)`` and returns one line of numbers."""
