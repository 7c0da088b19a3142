"""Yimei's own records as tables of the four kinds: the columns it can answer, in the template's words."""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from yimei.billing.enums import CostAccount
from yimei.billing.models import Cost, Payment
from yimei.core.clock import local_date
from yimei.growth.models import Lead
from yimei.insight.registry import left_out
from yimei.insight.rules.imports.templates import TEMPLATES, Template
from yimei.journey.enums import BookingStatus
from yimei.journey.models import Booking
from yimei.people.enums import Sex
from yimei.people.models import Patient

Said = Mapping[str, object]
SEXES = {Sex.FEMALE: "female", Sex.MALE: "male"}
SEEN = (BookingStatus.ARRIVED, BookingStatus.SERVED)


def csv_of(code: str, *, today: date) -> bytes:
    """Return the table as a file that the wizard reads by itself."""
    template, out = TEMPLATES[code], io.StringIO(newline="")
    write = csv.writer(out)
    write.writerow([column.words.zh for column in template.columns])
    for said in rows_of(code, today=today):
        write.writerow(cells_of(template, said))
    return out.getvalue().encode("utf-8-sig")


def cells_of(template: Template, said: Said) -> list[str]:
    """A row as somebody would type it."""
    cells = []
    for column in template.columns:
        value = said.get(column.name)
        labels = {known: str(words.zh) for known, words, _also in column.codes}
        cells.append("" if value is None else labels.get(str(value), str(value)))
    return cells


def rows_of(code: str, *, today: date) -> Iterator[Said]:
    """What has happened up to today; what is only planned is no fact."""
    return (said for said in _TABLES[code]() if str(said["day"]) <= today.isoformat())


def _patients() -> Iterator[Said]:
    visits: dict[int, list[date]] = defaultdict(list)
    for number, at in _visits().values_list("patient", "starts_at"):
        visits[number].append(local_date(at))
    spent: dict[int, Decimal] = defaultdict(Decimal)
    for number, amount in Payment.objects.values_list("order__patient", "amount"):
        spent[number] += amount
    out = left_out()
    rows = (
        Patient.objects.counted()
        .filter(restricted_at=None, person__vault_key__destroyed_at=None)
        .select_related("person__vault_key", "campus")
        .order_by("pk")
    )
    for patient in rows.iterator(chunk_size=500):
        if patient.pk in out or not visits[patient.pk]:
            continue
        person, days = patient.person, visits[patient.pk]
        if not (patient.file_no or person.phone):
            continue
        yield {
            "file_no": patient.file_no,
            "campus": patient.campus.name,
            "phone": person.phone.removeprefix("+86"),
            "sex": SEXES.get(Sex(person.sex)),
            "birth_year": person.birth_date,
            "source": patient.source,
            "day": min(days),
            "last_day": max(days),
            "visits": len(days),
            "amount": spent.get(patient.pk),
        }


def _payments() -> Iterator[Said]:
    rows = Payment.objects.select_related("order__campus", "order__patient").order_by("pk")
    for payment in rows.iterator(chunk_size=500):
        yield {
            "day": local_date(payment.at),
            "campus": payment.order.campus.name,
            "account": "refund" if payment.amount < 0 else "income",
            "amount": payment.amount,
            "method": payment.method,
            "file_no": payment.order.patient.file_no,
        }


def _finance() -> Iterator[Said]:
    """What came in, then what went out; an entry of several days stands on its first."""
    yield from _payments()
    for cost in _costs():
        yield {
            "day": cost.starts_on,
            "campus": cost.campus.name,
            "account": cost.account,
            "procedure": cost.procedure.name if cost.procedure else None,
            "amount": cost.amount,
        }


def _market() -> Iterator[Said]:
    yield from _enquiries()
    for cost in _costs().filter(account=CostAccount.ADVERTISING):
        said = {"kind": "ad", "day": cost.starts_on, "channel": cost.channel, "spend": cost.amount}
        yield said | {"campus": cost.campus.name}


def _costs() -> QuerySet[Cost]:
    """Without what was taken back, and without its reversal."""
    rows = Cost.objects.filter(reverses=None, reversal=None).select_related("campus", "procedure")
    return rows.order_by("pk")


def _days() -> Iterator[Said]:
    found: dict[tuple[date, str], Counter[str]] = defaultdict(Counter)
    bookings = Booking.objects.values_list("starts_at", "campus__name", "status")
    for at, campus, status in bookings:
        counts = found[local_date(at), campus]
        counts["bookings"] += 1
        counts["visits"] += status in SEEN
        counts["no_shows"] += status == BookingStatus.NO_SHOW
        counts["cancels"] += status == BookingStatus.CANCELLED
    for (day, campus), counts in sorted(found.items()):
        yield {"day": day, "campus": campus, **counts}


def _enquiries() -> Iterator[Said]:
    """What the house itself knows of the market: how many asked, by channel, day and campus, as a trend."""
    leads = Lead.objects.values_list("created_at", "source", "campus__name")
    found = Counter((local_date(at), source, campus) for at, source, campus in leads)
    for (day, source, campus), count in sorted(found.items()):
        yield {
            "kind": "trend",
            "day": day,
            "channel": source,
            "topic": "咨询量",
            "index": count,
            "leads": count,
            "campus": campus,
        }


def _visits() -> QuerySet[Booking, Any]:
    return Booking.objects.filter(status__in=SEEN)


_TABLES: Mapping[str, Callable[[], Iterator[Said]]] = {
    "patient": _patients,
    "finance": _finance,
    "operations": _days,
    "market": _market,
}
