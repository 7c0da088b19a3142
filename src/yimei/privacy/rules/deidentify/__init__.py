"""Tables without the people in them: columns, profiles of laws, k-anonymity, the gate for extracts."""
