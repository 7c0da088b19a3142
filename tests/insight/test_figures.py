"""Figures equal what a plain computation over the records says, metric by metric, on a small hospital."""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import mean, median

import pytest
from django.db.models import Count, Q, Sum

from tests.factories.journey import BookingFactory
from tests.factories.people import StaffFactory
from tests.factories.rehearsed import rehearsed_with_mart
from yimei.billing.models import Order, Payment, Quote
from yimei.insight.actions import mart
from yimei.insight.queries import figures
from yimei.insight.queries.drawing import drawable, drawing
from yimei.insight.queries.figures import answer
from yimei.insight.rules.dashboards import READY
from yimei.insight.rules.questions import parse
from yimei.journey.models import AftercareTask, Booking, Case, Consultation, Review, Surgery, Survey
from yimei.outbox.models import Message
from yimei.people.models import Patient, Staff


@pytest.mark.long(reason="fills a small hospital and builds its mart")
@pytest.mark.django_db
@pytest.mark.usefixtures("own_mart")
def test_figures_equal_a_plain_computation(
    evening: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rehearsed_with_mart(evening)
    monkeypatch.setattr(figures, "total_is_hidden", lambda people, whole: False)
    monkeypatch.setattr(figures, "check", lambda answer: {})
    by: Staff = StaffFactory(role="director")
    end = evening.date() + timedelta(days=400)

    def figure(code: str) -> float | None:
        asked = {"m": code, "span": "own", "from": "2020-01-01", "to": end.isoformat()}
        return answer(parse(asked, today=evening.date()), by=by).total.value

    here = Q(status__in=["arrived", "served"])
    due = Booking.objects.exclude(status="cancelled").filter(starts_at__date__lte=evening.date())
    won = {
        order.episode
        for order in Order.objects.exclude(status="cancelled").annotate(net=Sum("payments__amount"))
        if order.net and order.net > 0
    }
    done = Surgery.objects.filter(closure_at__isnull=False)
    waits = [
        (b.served_at - b.arrived_at).total_seconds() / 60
        for b in Booking.objects.filter(served_at__isnull=False, arrived_at__isnull=False)
        if b.served_at and b.arrived_at
    ]
    talks = [c.case.public_id in won for c in Consultation.objects.select_related("case")]
    paid = [order for order in Order.objects.all() if order.episode in won and order.status != "cancelled"]
    net = Payment.objects.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
    plain: dict[str, float | None] = {
        "bookings": Booking.objects.count(),
        "visits": Booking.objects.filter(here).count(),
        "visitors": Booking.objects.filter(here).aggregate(n=Count("patient", distinct=True))["n"],
        "first_visits": Booking.objects.filter(here, visit_kind="first").count(),
        "show_rate": due.filter(here).count() / due.count(),
        "no_show_rate": due.filter(status="no_show").count() / due.count(),
        "cancel_rate": Booking.objects.filter(status="cancelled").count() / Booking.objects.count(),
        "wait_median": median(waits) if waits else None,
        "consultations": len(talks),
        "win_rate": sum(talks) / len(talks),
        "episodes": Case.objects.count(),
        "losses": Case.objects.filter(stage="lost").count(),
        "quotes": Quote.objects.count(),
        "operations": done.count(),
        "knife_minutes": mean((s.closure_at - s.incision_at).total_seconds() / 60 for s in done),  # type: ignore[operator]
        "reviews": Review.objects.count(),
        "goal_reached": mean(Review.objects.values_list("goal_reached", flat=True))
        if Review.objects.exists()
        else None,
        "net_receipts": float(net),
        "refunds": float(-(Payment.objects.filter(kind="refund").aggregate(s=Sum("amount"))["s"] or 0)),
        "orders": len(paid),
        "buyers": len({order.patient_id for order in paid}),
        "mean_fee": float(mean(order.amount for order in paid)),
        "new_customers": Patient.objects.count(),
        "registered_rate": Patient.objects.filter(registered_at__isnull=False).count()
        / Patient.objects.count(),
        "referral_rate": Patient.objects.filter(source="referral").count() / Patient.objects.count(),
        "messages_sent": Message.objects.filter(status="sent").count(),
        "tasks_overdue": AftercareTask.objects.filter(
            status="open", late_at__date__lt=evening.date()
        ).count(),
        "survey_rate": (
            Survey.objects.filter(answered_at__isnull=False).count() / Survey.objects.count()
            if Survey.objects.exists()
            else None
        ),
    }
    assert {code: figure(code) for code in plain} == {
        code: None if value is None else pytest.approx(value) for code, value in plain.items()
    }
    for page in READY.values():
        for text in page.tiles:
            assert answer(parse(dict(p.split("=") for p in text.split("&")), today=evening.date()), by=by)


@pytest.mark.slow(reason="makes forty bookings and a mart")
@pytest.mark.django_db
@pytest.mark.usefixtures("own_mart")
def test_a_month_without_rows_stands_in_the_chart_as_nought(evening: datetime) -> None:
    by: Staff = StaffFactory(role="director")
    for number in range(24):
        at = evening - timedelta(days=100 if number % 2 else 10)
        BookingFactory(arrived=True, starts_at=at, case__patient__campus=by.campus)
    mart.build(now=evening)
    asked = {"m": "visits", "by1": "month", "c": "line", "span": "365"}
    spec = drawing(answer(parse(asked, today=evening.date()), by=by), by=by)
    assert spec
    assert (spec["names"], spec["series"][0]["values"]) == (
        ["2026-03", "2026-04", "2026-05", "2026-06"],
        [12.0, 0.0, 0.0, 12.0],
    )
    crossed = drawing(answer(parse(asked | {"by2": "campus"}, today=evening.date()), by=by), by=by)
    assert crossed
    assert [one["values"] for one in crossed["series"]] == [[12.0, None, None, 12.0]]
    wait = parse(asked | {"m": "wait_median"}, today=evening.date())
    nothing = drawing(answer(wait, by=by), by=by)
    assert nothing
    assert not drawable(nothing), "nobody waited: nothing is drawn"
