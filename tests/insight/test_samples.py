"""What a statistical question tells: no number of one to nine people, and none from which one follows."""

from datetime import timedelta
from itertools import pairwise

import pytest

from tests.factories.people import StaffFactory
from yimei.core.errors import RuleBroken
from yimei.insight.queries import mart, samples
from yimei.insight.queries.cuts import Asked
from yimei.insight.rules.small_cells import LEAST
from yimei.people.models import Staff
from yimei.rehearsal.bench.dashboards import TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("made_up_mart")]
VISITS = 1500
FLAGS = ("is_arrived", "is_no_show", "is_cancelled", "is_late_cancel")


@pytest.fixture
def director() -> Staff:
    found: Staff = StaffFactory(role="director")
    return found


def asked(kind: str, outcome: str, *, group: str = "", days: int = 300, by: tuple[str, ...] = ()) -> Asked:
    return Asked(kind, "booking", outcome, group, by, TODAY - timedelta(days=days), TODAY)


@pytest.mark.slow(reason="asks for many tables")
def test_a_cross_table_and_its_total_tell_of_no_few_people(director: Staff) -> None:
    """Whoever took what is shown from n, or solved χ² for the one number missing, had it."""
    seen = left_out = 0
    for flag in FLAGS:
        for dim in samples.groups_of("booking"):
            for days in (30, 90, 300):
                try:
                    found = samples.find(asked("cross", flag, group=dim.code, days=days), by=director)
                except RuleBroken:
                    continue
                assert found.table is not None
                cells = [cell for _name, pair in found.table[1] for cell in pair]
                assert None not in cells, "what takes part is shown"
                assert found.n == sum(cells)
                assert all(not cell or cell >= LEAST for cell in cells)
                seen, left_out = seen + 1, left_out + bool(found.left_out)
    assert seen
    assert left_out


@pytest.mark.slow(reason="asks for many tables")
def test_one_group_of_few_people_is_not_left_out_alone(director: Staff) -> None:
    """The mean of all stands on another page: less the groups shown, it would be the mean of the few."""
    seen = 0
    for dim in samples.groups_of("booking"):
        for days in (7, 14, 30, 60, 120):
            try:
                found = samples.find(asked("compare", "lead_days", group=dim.code, days=days), by=director)
            except RuleBroken:
                continue
            people = mart.ask(
                f"SELECT {dim.sql()}, COUNT(DISTINCT customer) FROM booking WHERE lead_days IS NOT NULL"
                f" AND day >= '{TODAY - timedelta(days=days)}' AND day < '{TODAY}' GROUP BY 1"
            ).rows
            small = [n for _key, n in people if n < LEAST]
            if small:
                seen += 1
                assert len(found.left_out) > 1
    assert seen


@pytest.mark.slow(reason="asks for many curves")
def test_a_curve_tells_of_no_few_people(director: Staff) -> None:
    """Whoever took one step from the next, or the last from all, had the number who came back in between."""
    seen = left_out = held_back = 0
    for dim in samples.groups_of("booking"):
        for days in (300, 500, 730):
            try:
                found = samples.find(asked("revisit", "", group=dim.code, days=days), by=director)
            except RuleBroken:
                continue
            assert len(found.left_out) != 1
            for one in found.curves:
                assert one.events == 0 or one.events >= LEAST
                assert one.n == one.events or one.n - one.events >= LEAST
                so_far = [0, *(point.came for point in one.points), one.events]
                between = [b - a for a, b in pairwise(so_far)]
                assert all(not few or few >= LEAST for few in between)
                assert all(point.at_risk >= LEAST or not point.share for point in one.points)
                seen, held_back = seen + 1, held_back + any(one.back(day) is None for day in samples.STEPS)
            left_out += bool(found.left_out)
    assert seen
    assert left_out
    assert held_back


def test_what_does_not_vary_within_any_group_is_not_tested(director: Staff) -> None:
    """Of it there is no F but a number by nought."""
    with pytest.raises(RuleBroken, match="各组之内"):
        samples.find(asked("compare", "weekday", group="weekday"), by=director)
