"""Purposes, notices, consents, retention rules and the requests of people."""

from yimei.privacy.models.alarms import Alarm
from yimei.privacy.models.assessments import Assessment
from yimei.privacy.models.audits import (
    AuditCheck,
    AuditRound,
    AuditSample,
    ControlRun,
    CounterAlarm,
    CounterReading,
)
from yimei.privacy.models.centre import CentreCode, CentreSession
from yimei.privacy.models.consents import Consent, NoticeException
from yimei.privacy.models.exports import Export, ExportWord
from yimei.privacy.models.holds import Addendum, LegalHold
from yimei.privacy.models.incidents import Affected, Incident, IncidentDuty, IncidentEvent, Letter
from yimei.privacy.models.majority import ComingOfAge
from yimei.privacy.models.packs import Choice, Rule, RulePack
from yimei.privacy.models.parties import Party, PartyEvent, Transfer, TransferPerson
from yimei.privacy.models.purposes import Limit, Notice, Purpose, PurposeEvent, RetentionRule
from yimei.privacy.models.requests import (
    DeadlineRule,
    Erasure,
    Outcome,
    RequestMove,
    RightsRequest,
    Unsealing,
)
from yimei.privacy.models.successions import JointPass, Succession, SuccessionWord
from yimei.privacy.models.training import Course, DrillTarget, PhishDrill, TrainingRecord

__all__ = [
    "Addendum",
    "Affected",
    "Alarm",
    "Assessment",
    "AuditCheck",
    "AuditRound",
    "AuditSample",
    "CentreCode",
    "CentreSession",
    "Choice",
    "ComingOfAge",
    "Consent",
    "ControlRun",
    "CounterAlarm",
    "CounterReading",
    "Course",
    "DeadlineRule",
    "DrillTarget",
    "Erasure",
    "Export",
    "ExportWord",
    "Incident",
    "IncidentDuty",
    "IncidentEvent",
    "JointPass",
    "LegalHold",
    "Letter",
    "Limit",
    "Notice",
    "NoticeException",
    "Outcome",
    "Party",
    "PartyEvent",
    "PhishDrill",
    "Purpose",
    "PurposeEvent",
    "RequestMove",
    "RetentionRule",
    "RightsRequest",
    "Rule",
    "RulePack",
    "Succession",
    "SuccessionWord",
    "TrainingRecord",
    "Transfer",
    "TransferPerson",
    "Unsealing",
]
