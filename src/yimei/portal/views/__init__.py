"""Views of the patient screens, one module per subject."""
