"""People and what they may do."""

from yimei.people.models.campuses import CampusAccess
from yimei.people.models.care import BreakGlass, Canary, CareRelation, MinorLook
from yimei.people.models.merges import DuplicatePair, Merge
from yimei.people.models.patients import (
    Alert,
    CapacityFinding,
    FileSeries,
    Guardian,
    Patient,
    Person,
    SearchToken,
)
from yimei.people.models.staff import (
    Duty,
    Grant,
    Licence,
    PermissionOffer,
    Privilege,
    Role,
    SignInAttempt,
    Staff,
    StaffSession,
)

__all__ = [
    "Alert",
    "BreakGlass",
    "CampusAccess",
    "Canary",
    "CapacityFinding",
    "CareRelation",
    "DuplicatePair",
    "Duty",
    "FileSeries",
    "Grant",
    "Guardian",
    "Licence",
    "Merge",
    "MinorLook",
    "Patient",
    "PermissionOffer",
    "Person",
    "Privilege",
    "Role",
    "SearchToken",
    "SignInAttempt",
    "Staff",
    "StaffSession",
]
