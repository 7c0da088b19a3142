"""Making the rehearsal hospital through the same actions that people use."""
