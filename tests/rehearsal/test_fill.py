"""The rehearsal: the same seed makes the same hospital, and every demo account signs in."""

import json
import re
from base64 import b32decode
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import F
from django_otp.oath import hotp

from tests.factories.rehearsed import SEED, rehearsed
from yimei.audit import chain
from yimei.audit.models import Entry
from yimei.billing.models import Payment
from yimei.core.errors import RuleBroken
from yimei.growth.enums import LeadStatus
from yimei.growth.models import Lead, Story
from yimei.journey.enums import CaseStage
from yimei.journey.models import Booking, Case, Surgery
from yimei.outbox.models import Message
from yimei.people.actions import sessions
from yimei.people.models import Patient
from yimei.people.roles import TOTP_ROLES
from yimei.privacy.actions import centre, doors
from yimei.privacy.enums import IdentityMethod
from yimei.privacy.models import RightsRequest
from yimei.rehearsal.actions.enquiries import MANY
from yimei.rehearsal.actions.fill import SPAN, Filled, fill
from yimei.rehearsal.actions.front import STRANGERS
from yimei.rehearsal.rules import shapes

AFTER_AN_OPERATION = (CaseStage.RECOVERING, CaseStage.DISCHARGED, CaseStage.REVIEWED, CaseStage.CLOSED)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow(reason="fourteen customers walk two years through every action"),
]


@pytest.fixture
def now() -> datetime:
    """The evening up to which the tests of figures fill it as well: it is filled once."""
    return datetime.fromisoformat("2026-06-16T16:30:00+08:00")


def stages() -> dict[str, int]:
    return dict(Counter(Case.objects.values_list("stage", flat=True)))


@pytest.fixture
def made(now: datetime, tmp_path: Path) -> Filled:
    filled, accounts = rehearsed(now)
    (tmp_path / "demo.json").write_text(accounts, "utf-8")
    return filled


@pytest.mark.long(reason="fills a hospital and signs everybody in")
def test_the_small_hospital_lives_and_keeps_its_log(made: Filled, now: datetime, tmp_path: Path) -> None:
    assert (made.customers, made.refusals) == (14, Counter())
    asked = Patient.objects.filter(leads__created_at__lte=F("created_at")).distinct().count()
    assert Patient.objects.count() - asked == 14
    assert 5 < sum(stages().values()) - asked <= 14, "some only call"
    assert Lead.objects.count() >= MANY + len(STRANGERS), "partners and friends bring more"
    assert set(Lead.objects.values_list("status", flat=True)) == set(LeadStatus)
    assert Lead.objects.pool().exists()
    assert Booking.objects.filter(starts_at__gt=now - timedelta(days=1)).exists()
    operated = Case.objects.filter(stage__in=AFTER_AN_OPERATION)
    assert set(operated.values_list("pk", flat=True)) <= set(Surgery.objects.values_list("case", flat=True))
    assert Counter(RightsRequest.objects.values_list("status", flat=True)) == {"answered": 1, "received": 2}
    told = list(Story.objects.order_by("pk").values_list("status", flat=True))
    payers = {one.pk for one in Patient.objects.filter(orders__payments__amount__gt=0).with_person()}
    assert told == ["cleared", "agreed"][: len(payers)], "of as many as there are to tell one"
    assert chain.verify().is_sound
    times = list(Entry.objects.order_by("seq").values_list("at", flat=True))
    assert times[-1] <= now
    accounts = json.loads((tmp_path / "demo.json").read_text("utf-8"))["accounts"]
    for n, account in enumerate(accounts):
        code = ""
        if account["totp"]:
            code = f"{hotp(b32decode(account['totp']), int(now.timestamp()) // 30):06d}"
        staff = sessions.sign_in(
            account["username"], account["password"], code, ip=f"10.0.0.{n}", device="", now=now
        )
        assert bool(code) == (staff.role.code in TOTP_ROLES)
        assert not staff.must_enrol_totp
    customers = json.loads((tmp_path / "demo.json").read_text("utf-8"))["customers"]
    registered = Patient.objects.exclude(registered_at=None).with_person()
    assert bool(customers) == any(one.person.id_no for one in registered), "where anybody can be tried at all"
    for one in customers:
        asked = doors.ask_code(one["phone"], date.fromisoformat(one["birth_date"]), ip="10.1.0.1", now=now)
        assert asked.patient
        digits = re.findall(r"\d{6}", Message.objects.latest("pk").body or "")[0]
        visit = centre.visit(doors.enter(asked.public_id, digits, now=now), now=now)
        assert centre.prove(visit, one["id_no"][-6:], now=now).proof == IdentityMethod.CODE_ID
    with pytest.raises(RuleBroken, match="只用于空数据库"):
        fill(size="xs", seed=1, now=now, accounts=tmp_path / "again.json")


class Enough(Exception):  # noqa: N818 - nothing went wrong
    """Raised when enough was filled."""


def rows() -> dict[str, int]:
    """How many rows every table has, but for what follows the house's own keys.

    Who is drawn into which way of a flow follows the numbers of rows, and PostgreSQL counts on after a
    rollback: there the flows and what they write are left out.
    """
    left_out = {"insight_markshelf"}
    if connection.vendor == "postgresql":
        left_out |= {"growth_flowrun", "growth_flowstep", "growth_flowtask", "outbox_message", "audit_entry"}
    tables = {model._meta.db_table: model for model in apps.get_models()}
    return {name: model._base_manager.count() for name, model in tables.items() if name not in left_out}


@pytest.mark.long(reason="fills a hospital twice")
def test_a_seed_decides_everything(now: datetime, tmp_path: Path) -> None:
    def figures(fill_it: Callable[[], Filled]) -> tuple[object, ...]:
        with transaction.atomic():
            made = fill_it()
            found = stages(), Counter(Booking.objects.values_list("status", flat=True)), made.steps, rows()
            transaction.set_rollback(True)
        return found

    first = figures(lambda: rehearsed(now)[0])
    assert first == figures(lambda: fill(size="xs", seed=SEED, now=now, accounts=tmp_path / "demo.json"))


def test_another_seed_makes_another_hospital_from_the_beginning(now: datetime, tmp_path: Path) -> None:
    def until(share: float) -> None:
        if share > 0.1:
            raise Enough

    def begun(seed: int) -> list[tuple[object, ...]]:
        with transaction.atomic():
            with pytest.raises(Enough):
                fill(size="xs", seed=seed, now=now, accounts=tmp_path / "demo.json", progress=until)
            people = Patient.objects.with_person().order_by("pk")
            found = [(each.created_at, each.person.name, each.source) for each in people]
            transaction.set_rollback(True)
        return found

    first = begun(SEED)
    assert first
    assert first == begun(SEED)
    assert first != begun(SEED + 1)


def test_a_way_that_ends_early_leaves_no_case_open_for_months(
    now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every operation is called off here; each time somebody closes the case."""
    monkeypatch.setattr(shapes, "CANCELS", 1)
    monkeypatch.setattr(shapes, "WINS", 1)
    last = 0.9

    def until(share: float) -> None:
        if share > last:
            raise Enough

    with pytest.raises(Enough):
        fill(size="xs", seed=SEED, now=now, accounts=tmp_path / "demo.json", progress=until)
    then = shapes.curtain(now) - (1 - last) * SPAN
    waiting = Case.objects.open().filter(opened_at__lt=then - timedelta(days=180))
    assert list(waiting.filter(next_due_at__lt=then - timedelta(days=45)).values_list("stage")) == []
    lost = Case.objects.filter(stage=CaseStage.LOST)
    paid = Payment.objects.filter(order__episode__in=lost.values("public_id"))
    assert paid.exists()
    assert sum(each.amount for each in paid) == 0, "all deposits were given back"


def test_the_smallest_size_is_not_offered(now: datetime) -> None:
    with pytest.raises(CommandError):
        call_command("rehearse", "--size", "xs")
    with pytest.raises(RuleBroken, match="彩排规模"):
        fill(size="m", seed=1, now=now, accounts=Path("demo.json"))
