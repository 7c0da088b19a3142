"""One gate for every outgoing message; channel gateways behind it."""
