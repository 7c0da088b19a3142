"""A flow as data: read strictly, judged as a graph, run step by step."""
