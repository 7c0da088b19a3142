"""What lies sealed: how many persons, and who asked to read it."""

from django.db.models import QuerySet

from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission
from yimei.privacy.models import Unsealing


def sealed_readings(by: Staff) -> QuerySet[Unsealing]:
    return Unsealing.objects.visible_to(by).with_people()[:50]


def sealed_count(by: Staff) -> int:
    """How many persons are sealed, never who they are."""
    reach = Patient.objects.reachable(by, Permission.PATIENT_VIEW).exclude(sealed_at=None)
    return reach.filter(person__vault_key__destroyed_at=None).count()
