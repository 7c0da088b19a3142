"""Rows of growth."""

from yimei.growth.models.leads import Lead, LeadStep, Touch
from yimei.growth.models.members import (
    BenefitEntry,
    BenefitGrant,
    Member,
    MemberPolicy,
    PointEntry,
    TierMove,
)
from yimei.growth.models.owning import Draw, OwnerPeriod

__all__ = [
    "BenefitEntry",
    "BenefitGrant",
    "Draw",
    "Lead",
    "LeadStep",
    "Member",
    "MemberPolicy",
    "OwnerPeriod",
    "PointEntry",
    "TierMove",
    "Touch",
]
