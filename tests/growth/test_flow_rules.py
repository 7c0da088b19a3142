"""Flows as data: what is read, what is refused with which sentence, how lots fall; no database."""

from collections import Counter
from contextlib import nullcontext
from datetime import UTC, datetime
from importlib import resources
from typing import Any

import pytest

from yimei.core.errors import RuleBroken
from yimei.growth.enums.flows import NodeKind
from yimei.growth.rules import flow_drawing, flow_edit, flow_files, lift
from yimei.growth.rules.flows import judging, reading, running
from yimei.growth.rules.flows.graphs import Giving, Node, Surroundings, cycle, is_sensitive, order

NIGHT = datetime(2026, 6, 16, 14, tzinfo=UTC)
"""22:00 in Shanghai."""
AROUND = Surroundings(
    templates={
        "visit.missed": ("transactional", ["phone"]),
        "care.day": ("medical", ["what", "phone"]),
        "spring": ("marketing", ["sender", "phone"]),
    },
    segments={"沉睡": "marketing"},
    tags=frozenset({"周末方便"}),
    grants={
        "points": Giving(),
        "benefit": Giving(frozenset({"care"})),
        "coupon": Giving(frozenset({"spring"}), is_marketing=True),
    },
)


def flow(**values: Any) -> dict[str, Any]:
    base = {
        "use": "care",
        "trigger": {"kind": "event", "event": "journey.booking.no_show"},
        "reentry": {"mode": "after", "days": 14},
        "holdout": 10,
        "goal": {"event": "booked", "days": 14},
        "start": "wait",
        "nodes": {
            "wait": {"kind": "wait", "label": "两小时", "hours": 2, "next": "say"},
            "say": {"kind": "message", "label": "请改约", "template": "visit.missed", "next": ""},
        },
    }
    return base | values


def check(**values: Any) -> None:
    judging.check(reading.parse(flow(**values)), AROUND)


def say(template: str = "visit.missed", **more: Any) -> dict[str, Any]:
    return {"say": {"kind": "message", "label": "说", "template": template, "next": "", **more}}


def test_a_flow_is_read_and_written_alike() -> None:
    graph = reading.parse(flow())
    assert reading.parse(reading.plain(graph)) == graph
    check()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"start": "nowhere"}, "没有开始的步骤"),
        ({"nodes": {"wait": {"kind": "wait", "hours": 1, "next": "gone"}}}, "不存在的「gone」"),
        (
            {
                "nodes": {
                    "wait": {"kind": "wait", "label": "甲", "hours": 1, "next": "b"},
                    "b": {"kind": "wait", "label": "乙", "hours": 1, "next": "wait"},
                }
            },
            "绕成了圈：甲 → 乙 → 甲",
        ),
        (
            {
                "nodes": {
                    "wait": {"kind": "wait", "hours": 1, "next": ""},
                    "b": {"kind": "wait", "label": "孤岛", "hours": 1, "next": ""},
                }
            },
            "走不到的步骤：孤岛",
        ),
        ({"start": "say", "nodes": say("nothing")}, "没有启用的消息模板「nothing」"),
        ({"start": "say", "nodes": say("care.day"), "holdout": 0}, "缺少变量：what"),
        ({"start": "say", "nodes": say(words={"name": "林"})}, "没有这些占位：name"),
        ({"start": "say", "nodes": say("care.day", words={"what": "第一天"})}, "不能为了对照而不发"),
        ({"start": "say", "nodes": say("spring")}, "不能发营销消息"),
        ({"reentry": {}}, "能否再次进入"),
        ({"reentry": {"mode": "after"}}, "days 应为"),
        ({"holdout": 51}, "holdout 应为 0 到 50"),
        ({"trigger": {"kind": "segment", "segment": "无"}}, "没有「无」这个分群"),
        ({"trigger": {"kind": "segment", "segment": "沉睡"}}, "用途与旅程不同"),
        ({"trigger": {"kind": "event", "event": "people.patient.view"}}, "没有这种事件"),
        ({"trigger": {"kind": "date", "field": "name", "days": 1}}, "没有「name」这个日期"),
        ({"use": "marketing", "trigger": {"kind": "date", "field": "surgery_on", "days": 9}}, "不能按"),
        ({"nodes": {"wait": {"kind": "wait", "next": ""}}}, "没有写明等多久"),
        ({"nodes": {"wait": {"kind": "wait", "at": "25:00"}}}, "写作 10:00"),
        ({"nodes": {"wait": {"kind": "tag", "tag": "𠮷"}}}, "没有「𠮷」这个标签"),
        ({"nodes": {"wait": {"kind": "grant", "what": "gold"}}}, "没有「gold」这种权益"),
        ({"nodes": {"wait": {"kind": "shell", "cmd": "rm"}}}, "没有写明做什么"),
        ({"nodes": {"wait": {"kind": "wait", "hours": 1, "sql": "x"}}}, "不认识 sql"),
        (
            {"nodes": {"wait": {"kind": "split", "arms": {"A": {"share": 60}, "B": {"share": 60}}}}},
            "之和应为 100",
        ),
        ({"nodes": {f"n{n}": {"kind": "wait", "hours": 1} for n in range(61)}}, "最多 60 个步骤"),
        ({"nodes": {}}, "至少要有一个步骤"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(values: dict[str, Any], words: str) -> None:
    with pytest.raises(RuleBroken, match=words):
        check(**values)


def test_a_marketing_flow_asks_nothing_about_health() -> None:
    rules = {"all": [{"field": "interest", "op": "in", "value": ["eye"]}]}
    nodes = {"wait": {"kind": "check", "rules": rules, "yes": "", "no": ""}}
    with pytest.raises(RuleBroken, match="意向部位"):
        check(use="marketing", nodes=nodes)
    assert is_sensitive(reading.parse(flow(nodes=nodes)))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"days": 1, "hours": 0}, datetime(2026, 6, 17, 14, tzinfo=UTC)),
        ({"days": 0, "hours": 1, "at": "10:00"}, datetime(2026, 6, 17, 2, tzinfo=UTC)),
        ({"days": 1, "hours": 0, "at": "22:00"}, datetime(2026, 6, 17, 14, tzinfo=UTC)),
        ({"days": 0, "hours": 0, "at": "21:59"}, datetime(2026, 6, 17, 13, 59, tzinfo=UTC)),
    ],
)
def test_how_long_somebody_waits(values: dict[str, Any], expected: datetime) -> None:
    node = Node("w", NodeKind.WAIT, "等", values)
    assert running.wake(node, now=NIGHT) == expected


def test_lots_are_fair_and_the_same_each_time() -> None:
    node = Node("s", NodeKind.SPLIT, "分", {"shares": {"A": 30, "B": 70}}, branches={"A": "", "B": ""})
    drawn = Counter(running.arm(node, "f", person) for person in range(4000))
    assert drawn == Counter(running.arm(node, "f", person) for person in range(4000))
    assert 0.27 < drawn["A"] / 4000 < 0.33
    graph = reading.parse(flow(holdout=20))
    held = [person for person in range(4000) if running.is_held_out(graph, "f", person)]
    assert 0.17 < len(held) / 4000 < 0.23
    assert held == [person for person in range(4000) if running.is_held_out(graph, "f", person)]
    assert 0.2 < len([p for p in held if running.arm(node, "f", p) == "A"]) / len(held) < 0.4


def test_a_file_comes_back_as_it_went() -> None:
    plain = reading.plain(reading.parse(flow()))
    name, read = flow_files.read(flow_files.write("爽约挽回", plain))
    assert (name, read) == ("爽约挽回", plain)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name: [", "第 1 行第 8 列"),
        ("name: a\nname: b\n", "第 2 行第 1 列"),
        ("a: &x [1]\nb: *x\n", "第 2 行"),
        ("name: !!python/object/apply:os.system [ls]", "第 1 行"),
        ("- 1", "name"),
        ("x: " + "1" * 70_000, "64 KB"),
    ],
)
def test_a_bad_file_is_refused_with_its_place(text: str, words: str) -> None:
    with pytest.raises(RuleBroken, match=words):
        flow_files.read(text)


def test_the_flows_that_ship_can_be_read() -> None:
    files = list((resources.files("yimei.growth") / "data" / "flows").iterdir())
    assert len(files) == 9
    for one in files:
        name, draft = flow_files.read(one.read_text("utf-8"))
        graph = reading.parse(draft)
        assert name
        assert not cycle(graph)
        assert len(order(graph)) == len(graph.nodes)


def test_a_step_is_put_in_and_taken_out_again() -> None:
    before = reading.plain(reading.parse(flow()))
    after, code = flow_edit.put_in(before, after="wait", way="", kind=NodeKind.CHECK)
    assert after["nodes"]["wait"]["next"] == code
    assert after["nodes"][code]["yes"] == "say"
    check(nodes=after["nodes"])
    assert flow_edit.take_out(after, code) == before
    first, code = flow_edit.put_in(before, after="", way="", kind=NodeKind.SPLIT)
    assert (first["start"], first["nodes"][code]["arms"]["A"]["next"]) == (code, "wait")
    with pytest.raises(RuleBroken, match="没有这个步骤"):
        flow_edit.put_in(before, after="gone", way="", kind=NodeKind.WAIT)


def test_no_box_lies_on_another() -> None:
    draft = reading.plain(reading.parse(flow()))
    for kind in (NodeKind.CHECK, NodeKind.SPLIT, NodeKind.TASK):
        draft, _code = flow_edit.put_in(draft, after="wait", way="", kind=kind)
    picture = flow_drawing.draw(reading.parse(draft), {}, {"yes": "是"})
    places = [(box.x, box.y) for box in picture.boxes]
    assert len(set(places)) == len(places) == 5
    assert all(0 <= x <= picture.width - flow_drawing.WIDE and y < picture.height for x, y in places)


@pytest.mark.slow(reason="loads a library to compare with, when it is the first to")
@pytest.mark.parametrize(
    ("treated", "held"),
    [((30, 100), (20, 100)), ((0, 40), (0, 10)), ((9, 10), (1, 12)), ((500, 5000), (40, 500))],
)
def test_the_interval_is_newcombes(treated: tuple[int, int], held: tuple[int, int]) -> None:
    from statsmodels.stats.proportion import confint_proportions_2indep

    found = lift.lift(lift.Rate(*treated), lift.Rate(*held))
    assert found is not None
    low, high = confint_proportions_2indep(*treated, *held, compare="diff", method="newcomb")
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-6), pytest.approx(high, abs=1e-6))
    assert lift.lift(lift.Rate(1, 1), lift.Rate(0, 0)) is None
    assert found.is_enough == (min(treated[1], held[1]) >= 30)


@pytest.mark.parametrize(("holdout", "people"), [(0, 0), (10, 300), (50, 60), (90, 300), (7, 429)])
def test_how_many_people_a_comparison_needs(holdout: int, people: int) -> None:
    assert lift.people_until_enough(holdout) == people
    assert not people or people * min(holdout, 100 - holdout) / 100 >= lift.LEAST


@pytest.mark.parametrize(
    ("use", "what", "value", "said"),
    [
        ("care", "points", "50", ""),
        ("care", "points", "0", "1 到 1000"),
        ("care", "points", "many", "1 到 1000"),
        ("care", "points", "1001", "1 到 1000"),
        ("care", "benefit", "care", ""),
        ("care", "benefit", "gone", "不在可发之列"),
        ("care", "coupon", "spring", "用途改为营销"),
        ("marketing", "coupon", "spring", ""),
        ("marketing", "coupon", "over", "不在可发之列"),
        ("care", "car", "1", "没有「car」"),
    ],
)
def test_a_flow_gives_only_what_may_be_given(use: str, what: str, value: str, said: str) -> None:
    give = {"give": {"kind": "grant", "label": "发放", "what": what, "value": value, "next": ""}}
    graph = reading.parse(flow(use=use, start="give", nodes=give))
    with pytest.raises(RuleBroken, match=said) if said else nullcontext():
        judging.check(graph, AROUND)
