"""Forms of the patient screens."""
