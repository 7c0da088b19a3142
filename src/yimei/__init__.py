"""Yimei 颐美: one program that carries a plastic-surgery hospital."""

__version__ = "0.1.0"
