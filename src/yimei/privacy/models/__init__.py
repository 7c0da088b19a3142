"""Purposes, notices, consents, retention rules and the requests of people."""

from yimei.privacy.models.consents import Consent
from yimei.privacy.models.incidents import Affected, Incident, IncidentDuty, IncidentEvent, Letter
from yimei.privacy.models.packs import Choice, Rule, RulePack
from yimei.privacy.models.purposes import Limit, Notice, Purpose, RetentionRule
from yimei.privacy.models.requests import (
    DeadlineRule,
    Erasure,
    Outcome,
    RequestMove,
    RightsRequest,
    Unsealing,
)

__all__ = [
    "Affected",
    "Choice",
    "Consent",
    "DeadlineRule",
    "Erasure",
    "Incident",
    "IncidentDuty",
    "IncidentEvent",
    "Letter",
    "Limit",
    "Notice",
    "Outcome",
    "Purpose",
    "RequestMove",
    "RetentionRule",
    "RightsRequest",
    "Rule",
    "RulePack",
    "Unsealing",
]
