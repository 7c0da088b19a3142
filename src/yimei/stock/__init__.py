"""Items, batches with UDI and expiry, and every movement of them to a case or back."""
