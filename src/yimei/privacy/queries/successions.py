"""Who was told that another handler takes over, who is still to be told, and who only by the announcement."""

from collections import Counter
from datetime import date

from django.db.models import Count, QuerySet
from django.db.models.functions import Coalesce

from yimei.people.models import Guardian, Patient
from yimei.people.queries import needs_guardian, proved_guardians
from yimei.privacy.enums.parties import SuccessionState
from yimei.privacy.models import Succession, SuccessionWord

PUBLIC = (SuccessionState.TELLING, SuccessionState.CLOSED)


def listed() -> QuerySet[Succession]:
    return Succession.objects.select_related("created_by", "approved_by")


def announced() -> QuerySet[Succession]:
    """What everybody may read: also those whom no message reaches are told by it."""
    return Succession.objects.filter(state__in=PUBLIC)


def to_tell(succession: Succession) -> QuerySet[Patient]:
    """Everybody whose data are still here and who has not been told; those who do not exist are not.

    Of files joined as one person's, the one that stands is told, unless another was before they were joined.
    """
    words = SuccessionWord.objects.filter(succession=succession)
    told = words.annotate(person=Coalesce("patient__merged_into", "patient")).values("person")
    living = Patient.objects.counted().kept().filter(person__vault_key__destroyed_at=None)
    return living.with_person().exclude(pk__in=told).order_by("pk")


def waiting(succession: Succession) -> int:
    return to_tell(succession).count()


def guardian_for(patient: Patient, on: date) -> Guardian | None:
    """Who is told in her place: a proved guardian with a number, of somebody who needs one."""
    if not needs_guardian(patient, on):
        return None
    proved = proved_guardians(patient)
    return next((one for one in proved if one.person.phone), None)


def counts(succession: Succession) -> Counter[str]:
    """How many were told and how many no message reaches; the reasons by count."""
    rows = succession.words.order_by().values_list("problem").annotate(n=Count("pk"))
    return Counter(dict(rows))
