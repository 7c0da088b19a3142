"""Where the yearly audit of minors' data stands (M-6)."""

from datetime import date

from yimei.audit.models import Entry
from yimei.core.clock import local_date
from yimei.privacy.enums import RoundKind
from yimei.privacy.models import AuditRound
from yimei.privacy.rules.audits import MinorsYear, minors_year


def standing(on: date) -> MinorsYear:
    """The year that is owed next; a house owes none for the years before its log began."""
    filed = AuditRound.objects.filter(kind=RoundKind.MINORS, filed_on__isnull=False)
    first = Entry.objects.order_by("seq").values_list("at", flat=True).first()
    return minors_year(
        on,
        {day.year for day in filed.values_list("period_to", flat=True)},
        since=local_date(first).year if first else on.year,
    )
