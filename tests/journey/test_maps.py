"""Face and body maps: what a point is, what it comes to, and that a finished map is frozen."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories.kept import Kept
from tests.journey.clinic import TEN, Clinic
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.journey.actions import maps as actions
from yimei.journey.enums import MapKind, MapView
from yimei.journey.models import TreatmentMap
from yimei.journey.queries import maps as queries
from yimei.journey.rules import maps as rules
from yimei.journey.rules.drafts import Page
from yimei.vault import files

POINT = {
    "view": "face-front",
    "x": "40.5",
    "y": "35",
    "product": "A 型肉毒毒素",
    "amount": "4",
    "unit": "U",
    "lot": "C3709",
    "depth": "muscle",
    "technique": "",
}


def point(**changes: Any) -> dict[str, Any]:
    return POINT | changes


def posted(*points: dict[str, Any]) -> str:
    return json.dumps(points)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "没有完整收到"),
        ("{}", "没有完整收到"),
        ("[" * 5000, "没有完整收到"),
        ("[1]", "没有完整收到"),
        (posted(point(view="moon")), "没有完整收到"),
        (posted(point(x="100.01")), "没有完整收到"),
        (posted(point(y="-1")), "没有完整收到"),
        (posted(point(x="NaN")), "没有完整收到"),
        (posted(point(unit="kg")), "没有完整收到"),
        (posted(point(depth="heart")), "没有完整收到"),
        (posted(point(extra=1)), "没有完整收到"),
        (posted(point(amount="0")), "大于 0"),
        (posted(point(amount="501")), "不超过 500"),
        (posted(point(amount="四")), "不是数字"),
        (posted(point(product="字" * 61)), "过长"),
        (posted(*[point()] * 201), "最多 200 个点"),
    ],
)
def test_what_is_no_point_is_refused(text: str, said: str) -> None:
    with pytest.raises(RuleBroken, match=said):
        rules.read_points(text)


def test_a_finished_map_names_every_gap_by_its_point() -> None:
    points = rules.read_points(posted(point(lot=""), point(product="", amount=""), point(lot="批号?")))
    with pytest.raises(RuleBroken, match="3 处") as refused:
        rules.check_complete(points, kind=MapKind.DONE)
    said = [missing.what for missing in refused.value.missing]
    assert said[0] == "第 1 点（面部正面）缺批号"
    assert said[1] == "第 2 点（面部正面）缺产品、剂量"
    assert "不像批号" in said[2]
    rules.check_complete(rules.read_points(posted(point(lot=""))), kind=MapKind.PLANNED)
    with pytest.raises(RuleBroken):
        rules.check_complete([], kind=MapKind.PLANNED)


def test_totals_add_by_product_and_unit_and_compare_two_visits() -> None:
    before = rules.read_points(posted(point(), point(amount="2.5")))
    after = rules.read_points(
        posted(point(lot="D1"), point(product="透明质酸钠", amount="0.8", unit="ml", lot="H2"))
    )
    (first,) = rules.totals(before)
    assert (first.amount, first.points, first.lots, first.dose) == (Decimal("6.5"), 2, ("C3709",), "6.5 U")
    changes = {change.product: change.difference for change in rules.compare(before, after)}
    assert changes == {"A 型肉毒毒素": Decimal("-2.5"), "透明质酸钠": Decimal("0.8")}


@settings(max_examples=40, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(list(POINT)), inner, max_size=4)
        ),
        max_leaves=8,
    )
)
def test_no_posted_json_breaks_the_reader(found: Any) -> None:
    try:
        points = rules.points_of(found)
    except RuleBroken:
        return
    assert all(0 <= point.x <= 100 for point in points)


@pytest.mark.parametrize("view", list(MapView))
def test_every_view_has_a_drawing_without_script_or_style(view: MapView) -> None:
    drawing = queries.figure(view)
    assert drawing.startswith("<svg")
    for word in ("script", "style", "href", " on"):
        assert word not in drawing
    assert not queries.figure_body(view).startswith("<svg")


class Room(metaclass=Kept):
    def __init__(self) -> None:
        self.clinic = Clinic()
        self.case = self.clinic.arrived(self.clinic.patient()).case
        self.surgeon = self.clinic.surgeons[0]
        self.clinic.cares(self.surgeon, self.case.patient)

    def begin(self, **values: Any) -> TreatmentMap:
        given = {"kind": MapKind.DONE, "by": self.surgeon, "now": TEN} | values
        return actions.begin(self.case.public_id, **given)

    def finish(self, *points: dict[str, Any], now: Any = TEN, **values: Any) -> TreatmentMap:
        row = self.begin(now=now, **values)
        return actions.finish(
            row.public_id,
            points=posted(*(points or (POINT,))),
            note="对称",
            page=Page(row.revision),
            by=self.surgeon,
            now=now,
        )


@pytest.fixture
def room(db: None) -> Room:
    return Room()


def save(room: Room, row: TreatmentMap, text: str, *, revision: int = 0, by: Any = None) -> TreatmentMap:
    return actions.save(
        row.public_id, points=text, note="", page=Page(revision), by=by or room.surgeon, now=TEN
    )


def test_two_clicks_begin_one_draft_and_an_overtaken_page_overwrites_nothing(room: Room) -> None:
    row = room.begin()
    assert room.begin() == row
    save(room, row, posted(point()))
    with pytest.raises(Conflict, match="另一处"):
        save(room, row, "[]")
    assert len(queries.points(queries.find(row.public_id))) == 1


def test_nobody_but_her_clinicians_marks_anything(room: Room) -> None:
    row = room.begin()
    for staff in (room.clinic.surgeons[1], room.clinic.consultants[0], room.clinic.reception):
        with pytest.raises(NotFound):
            save(room, row, "[]", by=staff)
        with pytest.raises(NotFound):
            room.begin(by=staff)


def test_a_finished_map_is_frozen_with_its_page_and_a_correction_supersedes_it(room: Room) -> None:
    row = room.finish()
    assert row.pdf is not None
    assert files.read(row.pdf).startswith(b"%PDF-")
    with pytest.raises(IntegrityError), transaction.atomic():
        TreatmentMap.objects.filter(pk=row.pk).update(on=row.on - timedelta(days=1))
    with pytest.raises(Conflict, match="已经完成"):
        save(room, row, "[]", revision=row.revision)
    draft = room.begin(corrects=row.public_id)
    assert (draft.supersedes, draft.points) == (row, row.points)
    better = actions.finish(
        draft.public_id, points=posted(point(amount="5")), note="", page=Page(0), by=room.surgeon, now=TEN
    )
    assert better.supersedes == row
    with pytest.raises(NotFound):
        room.begin(corrects=row.public_id)


def test_a_map_without_lots_is_not_finished_and_stays_as_it_was(room: Room) -> None:
    with pytest.raises(RuleBroken, match="要补"):
        room.finish(point(lot=""))
    assert TreatmentMap.objects.get().completed_at is None


def test_the_visit_before_is_the_last_finished_one_of_its_kind(room: Room) -> None:
    first = room.finish(now=TEN)
    planned = room.finish(now=TEN + timedelta(days=1), kind=MapKind.PLANNED)
    second = room.finish(now=TEN + timedelta(days=90))
    assert queries.before(queries.find(second.public_id)) == first
    assert queries.before(queries.find(first.public_id)) is None
    assert queries.before(queries.find(planned.public_id)) is None
