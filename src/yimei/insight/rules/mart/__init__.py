"""The shape of the mart: tables, columns with their lineage, and what is derived from them."""

from yimei.insight.rules.mart.brought import BROUGHT, IDENTITY
from yimei.insight.rules.mart.facts import CUSTOMER, FACTS
from yimei.insight.rules.mart.house import HOUSE
from yimei.insight.rules.mart.tables import Column, Table, find

__all__ = ["BROUGHT", "CUSTOMER", "FACTS", "HOUSE", "IDENTITY", "Column", "Table", "find"]
