"""Clients of outside programs and devices: the certificate with which reports are signed."""
