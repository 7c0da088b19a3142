"""Records of one person found in one file or between two: probabilistic linkage without labels."""
