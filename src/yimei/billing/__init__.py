"""Quotes, orders, payments and refunds; amounts are append-only."""
