"""Reads: where people's consents stand, which notices and numbers are in force, and the data map."""

from yimei.privacy.queries.consents import (
    Ask,
    Chip,
    chip,
    consent_chips,
    consenting,
    has_consent,
    missing_for_care,
    pending_asks,
    standings,
)
from yimei.privacy.queries.datamap import DataMap, datamap, datamap_problems
from yimei.privacy.queries.register import current_notice, limit, limits_on, notices_in_force

__all__ = [
    "Ask",
    "Chip",
    "DataMap",
    "chip",
    "consent_chips",
    "consenting",
    "current_notice",
    "datamap",
    "datamap_problems",
    "has_consent",
    "limit",
    "limits_on",
    "missing_for_care",
    "notices_in_force",
    "pending_asks",
    "standings",
]
