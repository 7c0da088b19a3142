"""On the eighteenth birthday the links that a guardian's telephone holds become worthless."""

from datetime import datetime

from django.db import transaction

from yimei.core.clock import local_date
from yimei.journey.models import BookingLink, QuestionnaireLink, Survey
from yimei.people.models import Patient
from yimei.privacy import registry
from yimei.privacy.queries.majority import with_guardians_number


@registry.majority_end("links")
@transaction.atomic
def end_links(patient: Patient, now: datetime) -> int:
    """Close what was sent to a number that is a guardian's; a link on her own telephone stays hers."""
    if not with_guardians_number([patient], on=local_date(now)):
        return 0
    files = Patient.objects.files_of(patient)
    bookings = BookingLink.objects.filter(booking__patient__in=files, expires_at__gt=now)
    surveys = Survey.objects.filter(case__patient__in=files, answered_at=None, expires_at__gt=now)
    forms = QuestionnaireLink.objects.filter(case__patient__in=files, revoked_at=None, expires_at__gt=now)
    return bookings.update(expires_at=now) + surveys.update(expires_at=now) + forms.update(revoked_at=now)
