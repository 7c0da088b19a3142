"""Two exact answers to one reader who may open no records: less one another, never of one to nine people."""

import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from urllib.parse import parse_qsl

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from tests.factories.hospital import CampusFactory
from tests.factories.people import RoleFactory, StaffFactory
from tests.factories.ui import sign_in
from yimei.core.errors import RuleBroken
from yimei.insight import registry
from yimei.insight.actions import dashboards, downloads
from yimei.insight.enums import DownloadPurpose
from yimei.insight.gateways import reader
from yimei.insight.models import AnsweredQuestion
from yimei.insight.queries import counted, figures, mart, raw, samples, told
from yimei.insight.queries import dashboards as pages
from yimei.insight.queries.cuts import Asked, again
from yimei.insight.queries.drill import drill
from yimei.insight.queries.figures import Answer, answer
from yimei.insight.queries.rights import is_watched
from yimei.insight.rules.dashboards import READY
from yimei.insight.rules.metrics.sql import where
from yimei.insight.rules.questions import Question, parse
from yimei.people.models import Staff
from yimei.people.roles import Permission, Scope
from yimei.rehearsal.bench.dashboards import TODAY, reader_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("made_up_mart")]
VISITS = 1500
NOW = datetime.fromisoformat("2026-06-16T12:00:00+08:00")


@pytest.fixture
def analyst() -> Staff:
    found: Staff = StaffFactory(role="analyst")
    return found


def asked(start: date = TODAY - timedelta(days=200), end: date = TODAY, **values: str) -> Question:
    days = {"span": "own", "from": start.isoformat(), "to": end.isoformat()}
    return parse({"m": "bookings", **days, **values}, today=TODAY)


def people(rows: str) -> int:
    found: int = mart.ask(f"SELECT COUNT(DISTINCT customer) FROM ({rows})").rows[0][0]
    return found


def rows_of(question: Question) -> str:
    """The rows behind a question, each by its place: counted here in another way than the gate does."""
    return f"SELECT rowid, customer FROM booking WHERE {where('day', question.slice(None))}"


def apart(one: Question, other: Question) -> tuple[int, int]:
    """How many people have rows behind one question only."""
    a, b = rows_of(one), rows_of(other)
    return people(f"{a} EXCEPT {b}"), people(f"{b} EXCEPT {a}")


def is_told(found: Answer) -> bool:
    return found.total.value is not None


def drawn(chance: random.Random) -> tuple[Question, Question]:
    """A question, and the same with one condition more, or with some days fewer."""
    start = TODAY - timedelta(days=chance.randrange(20, 700))
    wide = {"f.source": ",".join(chance.sample(["douyin", "phone", "website", "wechat", "partner"], 3))}
    if chance.random() < 0.5:
        wide["f.sex"] = chance.choice(["F", "M", "F,M"])
    if chance.random() < 0.6:
        more = {"f.hour": ",".join(map(str, chance.sample(range(9, 18), chance.randrange(1, 9))))}
        return asked(start, **wide), asked(start, **wide, **more)
    return asked(start, **wide), asked(start + timedelta(days=chance.randrange(1, 12)), **wide)


@pytest.mark.long(reason="asks some hundred questions of a small mart")
def test_of_two_nested_questions_that_differ_by_one_to_nine_people_only_one_is_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chance, met = random.Random(20260616), 0
    for number in range(120):
        by: Staff = StaffFactory(role="analyst")
        pair = drawn(chance)
        if number % 2:
            pair = (pair[1], pair[0])
        mine, theirs = apart(*pair)
        first, second = answer(pair[0], by=by), answer(pair[1], by=by)
        assert is_told(first) == (people(rows_of(pair[0])) >= 10), "the first is answered as ever"
        if 0 < mine + theirs < 10 and not (mine and theirs):
            met += is_told(first)
            assert not (is_told(first) and is_told(second)), [one.query() for one in pair]
    assert met > 15, "the property must have met its case"
    rows = AnsweredQuestion.objects.filter(campus=None)[:60]
    cuts = [cut for row in rows for cut in again(row.question, None, on=TODAY).cuts]  # type: ignore[union-attr]
    cuts += [replace(cut, keys=keys) for cut in cuts[:20] for keys in (("sex", "source"), ("day",))]
    alone = {cut: told._told(cut) for cut in cuts}
    for few in (0, 1000):
        monkeypatch.setattr(counted, "FEW", few)
        told.forget()
        for cut, found in told.together(cuts).items():
            for name in ("cells", "whole", "rest"):
                lines = [sorted(map(tuple, getattr(one, name))) for one in (found, alone[cut])]
                assert lines[0] == lines[1], (few, cut)


def shown(tile: pages.Shown) -> tuple[object, ...]:
    """What a tile says, hides, and why it is withheld; sums of fractions depend on their order."""

    def said(value: float | None) -> str:
        return "" if value is None else f"{value:.9g}"

    cells = [(cell.keys, said(cell.value), cell.is_hidden, said(cell.before)) for cell in told_by(tile)]
    return (tile.question.query(), tile.refused, cells)


def told_by(tile: pages.Shown) -> list[figures.Cell]:
    return [*tile.answer.cells, tile.answer.total] if tile.answer else []


def plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count people exactly, each total in a query of its own, and each cut of the gate by itself."""
    monkeypatch.setattr(raw, "_counts_only_to_hide", lambda _metric: False)
    monkeypatch.setattr(figures, "added", lambda *_given: None)
    monkeypatch.setattr(pages, "look_ahead", lambda *_given, **_more: None)
    monkeypatch.setattr(told, "ahead", lambda *_given, **_more: [])
    monkeypatch.setattr(told, "together", lambda cuts: {cut: told._told(cut) for cut in set(cuts)})


@pytest.mark.slow(reason="reads every page of a small mart in two ways")
def test_the_quick_way_and_the_plain_way_hide_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def read_by(reader: Staff) -> list[tuple[object, ...]]:
        first = asked(TODAY - timedelta(days=88), m="visits")
        assert is_told(answer(first, by=reader)), "after which the visits of 90 days are too near"
        found = [tile for page in READY.values() for tile in pages.tiles(page, by=reader, today=TODAY)]
        hidden.append(sum(cell.is_hidden for tile in found for cell in told_by(tile)))
        return [shown(tile) for tile in found]

    hidden: list[int] = []
    quick = read_by(reader_of("one"))
    figures.forget()
    told.forget()
    reader.forget()
    plainly(monkeypatch)
    for one, other in zip(quick, read_by(reader_of("other")), strict=True):
        assert one == other
    assert hidden[0] == hidden[1] > 20
    withheld = [text for text, refused, _cells in quick if refused]
    assert "m=visits&c=number&span=90&vs=previous" in withheld
    assert not any("m=roi" in text for text in withheld)


def test_a_total_is_added_up_only_where_its_cells_hold_it_and_are_of_enough_people() -> None:
    rough, added = figures.Way(roughly=True), 0
    for text in ("m=visits&by1=month", "m=show_rate&by1=source", "m=visits&by1=weekday&by2=hour"):
        question = parse({**dict(parse_qsl(text)), "span": "365"}, today=TODAY)
        cells = raw.read(question, None, question.by, rough)
        alone = raw.read(question, None, (), rough)[()]
        few = any(0 < count < 10 for cell in cells.values() for count in cell.people)
        total = raw.added(question, cells, rough)
        assert (total is None) == few
        assert raw.added(question, cells, figures.Way()) is None
        if total:
            added += 1
            assert (total.value, total.num, total.den) == (alone.value, alone.num, alone.den)
            assert all(some >= 10 for some in total.people)
    assert added == 2


def test_what_was_spent_on_nobody_is_no_difference_between_people() -> None:
    by = reader_of("finance")
    for text in ("m=acquisition_cost", "m=roi", "m=gross_margin", "m=ad_cost_share", "m=margin&by1=category"):
        given = {**dict(parse_qsl(text)), "span": "365", "vs": "previous"}
        found = answer(parse(given, today=TODAY), by=by)
        assert (found.refused, is_told(found)) == ("", True), text


def test_the_earlier_question_is_named_in_the_language_of_the_reader(analyst: Staff) -> None:
    """It may have been asked in the other one."""
    one, other = _near_pair()
    with override("en"):
        assert is_told(answer(one, by=analyst))
    assert f"「{one.metric.words.zh}，" in answer(other, by=analyst).refused
    with override("en"):
        figures.forget()
        assert one.metric.words.en in answer(other, by=analyst).refused


def test_the_later_of_two_is_withheld_and_the_first_stays_told(analyst: Staff) -> None:
    one, other = _near_pair()
    assert is_told(answer(one, by=analyst))
    refused = answer(other, by=analyst)
    assert (refused.total.value, refused.refused[:7]) == (None, "它与您问过的「")
    assert "第五十一条" in refused.refused
    figures.forget()
    assert is_told(answer(one, by=analyst))
    assert not is_told(answer(other, by=analyst))
    assert AnsweredQuestion.objects.count() == 1


def test_another_reader_is_not_told_what_this_one_asked(analyst: Staff) -> None:
    one, other = _near_pair()
    answer(one, by=analyst)
    assert is_told(answer(other, by=StaffFactory(role="analyst")))


def test_whoever_may_open_the_records_or_signs_reports_is_told_both() -> None:
    director: Staff = StaffFactory(role="director")
    assert all(is_told(answer(one, by=director)) for one in _near_pair())
    assert not AnsweredQuestion.objects.exists()


@pytest.mark.parametrize(
    ("grants", "watched"),
    [
        ({Permission.INSIGHT_VIEW: Scope.GROUP}, True),
        ({Permission.INSIGHT_VIEW: Scope.GROUP, Permission.PATIENT_VIEW: Scope.CAMPUS}, True),
        ({Permission.INSIGHT_VIEW: Scope.CAMPUS, Permission.PATIENT_VIEW: Scope.CAMPUS}, False),
        ({Permission.INSIGHT_PAGE: Scope.CAMPUS}, True),
        ({Permission.INSIGHT_VIEW: Scope.GROUP, Permission.INSIGHT_SIGN: Scope.GROUP}, False),
    ],
)
def test_who_sees_more_figures_than_records_is_watched(
    grants: dict[Permission, Scope], watched: bool
) -> None:
    role = RoleFactory(code="made-up")
    role.grants.all().delete()
    for permission, scope in grants.items():
        role.grants.create(permission=permission, scope=scope)
    by = Staff.objects.get(pk=StaffFactory(role=role, campus=CampusFactory()).pk)
    assert is_watched(by) == watched


def test_what_moves_with_the_calendar_is_no_new_question_the_next_day(analyst: Staff) -> None:
    today = parse({"m": "bookings", "span": "90", "by1": "month"}, today=TODAY - timedelta(days=1))
    answer(today, by=analyst)
    tomorrow = answer(parse({"m": "bookings", "span": "90", "by1": "month"}, today=TODAY), by=analyst)
    assert not tomorrow.refused


def test_fixed_days_are_compared_with_where_a_moving_span_stood(analyst: Staff) -> None:
    """Asked last week for the last 30 days; today for the same days less one."""
    then = TODAY - timedelta(days=7)
    answer(parse({"m": "bookings", "span": "30"}, today=then), by=analyst)
    shorter = asked(then - timedelta(days=28), then)
    mine, theirs = apart(shorter, asked(then - timedelta(days=29), then))
    assert 0 == mine < theirs < 10
    assert answer(shorter, by=analyst).refused


@pytest.mark.slow(reason="asks through every way out")
def test_a_page_a_file_a_drill_and_statistics_stand_before_the_same_gate(analyst: Staff) -> None:
    one, other = _near_pair()
    answer(one, by=analyst)
    page = dashboards.pin(other, title="t", dashboard=None, name="p", by=analyst, now=NOW).dashboard
    (tile,) = pages.kept_tiles(page, by=analyst, today=TODAY)
    assert tile.answer is None
    assert tile.refused
    with pytest.raises(RuleBroken, match="相差不足 10 人"):
        downloads.release(
            answer(other, by=analyst), shape="csv", purpose=DownloadPurpose.REPORT, by=analyst, now=NOW
        )
    assert drill(other, by=analyst).counted is None
    assert drill(one, by=analyst).counted is not None
    analyst.role.grants.create(permission=Permission.BOOKING_VIEW, scope=Scope.OWN)
    opens_her_own = Staff.objects.get(pk=analyst.pk)
    assert opens_her_own.may(Permission.BOOKING_VIEW), "some records, fewer than the figure counts"
    assert [drill(each, by=opens_her_own).counted is None for each in (other, one)] == [True, False]
    begin, end = TODAY - timedelta(days=200), TODAY + timedelta(days=1)
    found = samples.find(Asked("correlate", "booking", "hour", "", ("visit_no",), begin, end), by=analyst)
    assert found.n
    with pytest.raises(RuleBroken, match="相差不足 10 人"):
        samples.find(
            Asked("correlate", "booking", "hour", "", ("visit_no",), begin + timedelta(days=2), end),
            by=analyst,
        )


def test_the_total_less_what_is_shown_is_of_enough_people(
    analyst: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hidden cells may be of the same few people: together they count as more than they are."""
    monkeypatch.setattr(told, "hidden", lambda people: frozenset(sorted(people)[:1]))
    cell = min(found.n or 0 for found in answer(asked(by1="sex"), by=StaffFactory(role="director")).cells)
    assert cell >= 10
    assert not answer(asked(by1="sex"), by=analyst).refused
    monkeypatch.setattr(told, "is_near", lambda new, old, **_swap: len(new) == 1 and not old.any())
    told.forget()
    assert "合计" in answer(asked(by1="sex", **{"f.source": "phone"}), by=analyst).refused


def test_without_a_gate_nothing_is_told(analyst: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_gates", [])
    with pytest.raises(IndexError):
        answer(asked(), by=analyst)


@pytest.mark.slow(reason="a whole page of a mart that is opened anew")
def test_the_page_says_why_and_offers_the_way_on(client: Client, analyst: Staff) -> None:
    one, other = _near_pair()
    answer(one, by=analyst)
    sign_in(client, analyst)
    response = client.get(f"{reverse('desk:insight-explore')}?{other.query()}")
    text = response.content.decode()
    assert response.status_code == 200
    assert "两个数字相减会指向个人" in text
    assert "看这个数字计入的记录" not in text, "of a figure that was not told nothing more is told"
    text = client.get(f"{reverse('desk:insight-explore')}?{one.query()}").content.decode()
    assert "看这个数字计入的记录" in text


def _near_pair() -> tuple[Question, Question]:
    """A span of days, and the same less its first two."""
    one, other = asked(), asked(TODAY - timedelta(days=198))
    mine, theirs = apart(one, other)
    assert 0 == theirs < mine < 10
    return one, other


def test_questions_without_people_are_not_noted(analyst: Staff) -> None:
    answer(parse({"m": "or_utilisation"}, today=TODAY), by=analyst)
    assert not AnsweredQuestion.objects.exists()
