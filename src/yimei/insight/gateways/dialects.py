"""Says the SQL of a figure in the dialect of another engine over the same Parquet (sqlglot)."""

from typing import Any

PERCENTILES = {"spark": "PERCENTILE"}
"""What an engine calls the exact quantile of values, where it is not the standard's ordered form."""


def said(sql: str, to: str) -> str:
    """Return a query of the mart's own engine as another one reads it, such as ``spark``."""
    import sqlglot
    from sqlglot import exp

    def quantile(node: Any) -> Any:
        if isinstance(node, exp.PercentileCont) and node.expression and to in PERCENTILES:
            return exp.func(PERCENTILES[to], node.this, node.expression)
        return node

    found: str = sqlglot.parse_one(sql, read="duckdb").transform(quantile).sql(dialect=to)
    return found
