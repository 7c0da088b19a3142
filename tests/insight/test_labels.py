"""What a value is called: two things of one name are told apart."""

from yimei.insight.queries.labels import _apart


def test_two_rooms_of_one_name_say_where_they_are() -> None:
    known: dict[object, tuple[str, str]] = {1: ("OR1", "杭州"), 2: ("OR1", "上海"), 3: ("OR2", "杭州")}
    assert _apart(known) == {1: "OR1（杭州）", 2: "OR1（上海）", 3: "OR2"}
