"""A calendar by a secret address: right hours, no names, gone when it is taken back."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.journey.clinic import EIGHT, TEN, Clinic
from tests.journey.test_visits import consult_then_treat, visit
from yimei.core.errors import NotFound
from yimei.journey.actions import bookings, feeds
from yimei.journey.models import CalendarFeed
from yimei.journey.queries import feeds as queries
from yimei.journey.rules import feeds as rules
from yimei.journey.rules.feeds import Event
from yimei.people.models import Patient

NOON = datetime(2026, 6, 16, 4, tzinfo=UTC)


def entries(text: str) -> list[dict[str, str]]:
    """Unfold a calendar and read its entries as a reader would."""
    lines = text.replace("\r\n ", "").split("\r\n")
    found: list[dict[str, str]] = []
    for line in lines:
        if line == "BEGIN:VEVENT":
            found.append({})
        elif found and ":" in line:
            name, value = line.split(":", 1)
            found[-1][name] = value
    return found


def test_hours_are_in_utc_and_days_are_days() -> None:
    events = [
        Event("a", "面诊", NOON, NOON + timedelta(hours=1), "诊室一"),
        rules.whole_day("b", "值班", date(2026, 6, 16)),
    ]
    one, day = entries(rules.calendar(events, name="颐美 · 周蕾", now=NOON))
    assert (one["DTSTART"], one["DTEND"], one["LOCATION"]) == (
        "20260616T040000Z",
        "20260616T050000Z",
        "诊室一",
    )
    assert (day["DTSTART;VALUE=DATE"], day["DTEND;VALUE=DATE"]) == ("20260616", "20260617")
    assert (one["TRANSP"], day["TRANSP"]) == ("OPAQUE", "TRANSPARENT")


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=200))
def test_lines_are_short_and_nothing_of_the_text_is_lost(title: str) -> None:
    text = rules.calendar([Event("a", title, NOON, NOON)], name="x", now=NOON)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    (entry,) = entries(text)
    read = entry["SUMMARY"].replace("\\;", ";").replace("\\,", ",").replace("\\\\", "\\")
    assert read == title


def test_a_line_break_cannot_add_a_line_of_its_own() -> None:
    assert rules.escaped("一\nEND:VEVENT") == "一\\nEND:VEVENT"


@pytest.fixture
def clinic() -> Clinic:
    return Clinic()


@pytest.mark.django_db
def test_a_feed_shows_what_and_where_and_not_one_name(clinic: Clinic) -> None:
    patient = clinic.patient(person__name="林晓雨")
    booking = clinic.confirmed(patient, note="怕疼")
    visit(clinic, consult_then_treat(clinic), starts_at=TEN + timedelta(hours=2))
    secret = feeds.create(by=clinic.consultants[0], now=EIGHT)
    text = feeds.read(secret, now=EIGHT)
    found = entries(text)
    assert [(entry["SUMMARY"], entry.get("LOCATION", "")) for entry in found] == [
        ("值班", ""),
        ("面诊", "诊室一"),
        ("面诊", "诊室一"),
    ]
    for private in ("林晓雨", "怕疼", patient.file_no, "切开重睑", str(patient.public_id)):
        assert private not in text
    bookings.cancel(booking.public_id, reason="改天", by=clinic.reception, now=EIGHT)
    assert len(entries(feeds.read(secret, now=EIGHT))) == 2


@pytest.mark.django_db
def test_who_is_sealed_leaves_the_calendar_as_well(clinic: Clinic) -> None:
    secret = feeds.create(by=clinic.consultants[0], now=EIGHT)
    clinic.confirmed(clinic.patient())
    visit(clinic, consult_then_treat(clinic), starts_at=TEN + timedelta(hours=2))
    assert len(entries(feeds.read(secret, now=EIGHT))) == 3
    Patient.objects.update(restricted_at=EIGHT, sealed_at=EIGHT)
    assert [entry["SUMMARY"] for entry in entries(feeds.read(secret, now=EIGHT))] == ["值班"]


@pytest.mark.django_db
def test_a_revoked_a_replaced_and_a_wrong_secret_read_nothing(clinic: Clinic) -> None:
    staff = clinic.consultants[0]
    first = feeds.create(by=staff, now=EIGHT)
    second = feeds.create(by=staff, now=EIGHT)
    assert CalendarFeed.objects.filter(revoked_at=None).count() == 1
    for secret in (first, "", "x" * 300):
        with pytest.raises(NotFound):
            feeds.read(secret, now=EIGHT)
    feeds.read(second, now=TEN)
    feed = queries.live_feed(staff)
    assert feed is not None
    assert feed.read_at == TEN
    assert second not in feed.secret_hash
    assert feeds.revoke(by=staff, now=TEN)
    assert not feeds.revoke(by=staff, now=TEN)
    with pytest.raises(NotFound):
        feeds.read(second, now=TEN)


@pytest.mark.django_db
def test_who_has_left_is_read_no_more(clinic: Clinic) -> None:
    staff = clinic.consultants[0]
    secret = feeds.create(by=staff, now=EIGHT)
    staff.is_active = False
    staff.save()
    with pytest.raises(NotFound):
        feeds.read(secret, now=EIGHT)
