"""Take a request, prove who asks, decide with reasons, answer and do what was decided (PIPL 44–50)."""
