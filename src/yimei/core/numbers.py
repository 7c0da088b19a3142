"""Whole numbers as a form or an address sends them."""


def whole(text: str | None, *, digits: int = 9) -> int | None:
    """Return the number; None for anything else, "²" and more digits than a number here can have included."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= digits else None
