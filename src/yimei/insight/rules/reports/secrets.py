"""Secrets of links and feeds: long, drawn by chance, kept only as a fingerprint."""

import hashlib
import secrets


def draw() -> str:
    return secrets.token_urlsafe(32)


def fingerprint(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
