"""Codes that a telephone reads, as the address of a picture."""

import segno


def qr(text: str) -> str:
    return str(segno.make(text, error="m", micro=False).svg_data_uri(scale=6, border=2))
