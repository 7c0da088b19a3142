"""The shape of the mart: tables, columns with their lineage, and what is derived from them."""

from yimei.insight.rules.mart.facts import CUSTOMER, FACTS
from yimei.insight.rules.mart.tables import Column, Table, find

__all__ = ["CUSTOMER", "FACTS", "Column", "Table", "find"]
