"""A customer: what stands round her pages, and the page of one case."""
