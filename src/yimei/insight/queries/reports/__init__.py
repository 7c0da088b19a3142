"""Reports: which there are for a reader, and what their figures say."""
