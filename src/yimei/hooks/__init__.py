"""Inbound webhooks: signature first, then de-duplication, then the queue."""
