"""Rows of growth."""

from yimei.growth.models.leads import Lead, LeadStep, Touch
from yimei.growth.models.owning import Draw, OwnerPeriod

__all__ = ["Draw", "Lead", "LeadStep", "OwnerPeriod", "Touch"]
