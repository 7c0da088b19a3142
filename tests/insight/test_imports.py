"""A table is brought, tried, taken in once, mended and undone; nobody's name lies in what is kept."""

from datetime import datetime, timedelta

import pytest

from tests.factories.people import PatientFactory, StaffFactory
from yimei.audit.models import Entry
from yimei.core import jobs
from yimei.core.errors import NotFound, RuleBroken
from yimei.insight.actions import imports as actions
from yimei.insight.actions import rejects, trials
from yimei.insight.enums import ImportStatus, RowStatus
from yimei.insight.holdings import erase_imported
from yimei.insight.models import ImportBatch, ImportBlock, RejectedRow
from yimei.insight.queries import imports as queries
from yimei.insight.rules.imports.templates import TEMPLATES
from yimei.people.models import Staff

pytestmark = pytest.mark.django_db
HEAD = "姓名,电话,首次到店,消费金额\n"
ROWS = "林小满,13800138000,2024/3/5,1.2万\n王一,13900139000,二〇二四年三月六日,300\n李二,12,2024-03-07,10\n"


@pytest.fixture
def analyst() -> Staff:
    made: Staff = StaffFactory(role="analyst")
    return made


def brought(by: Staff, now: datetime, text: str = HEAD + ROWS) -> ImportBatch:
    return actions.receive(text.encode("gbk"), name="旧系统.csv", template="patient", by=by, now=now)


def tried(by: Staff, now: datetime, text: str = HEAD + ROWS) -> ImportBatch:
    batch = brought(by, now, text)
    actions.check(batch.public_id, mapping=batch.mapping, by=by, now=now)
    actions.work(batch.public_id, now=now)
    return again(batch)


def taken(by: Staff, now: datetime, text: str = HEAD + ROWS) -> ImportBatch:
    batch = tried(by, now, text)
    actions.run(batch.public_id, by=by, now=now)
    actions.work(batch.public_id, now=now)
    return again(batch)


def again(batch: ImportBatch) -> ImportBatch:
    found: ImportBatch = ImportBatch.objects.select_related("file_key", "vault_key", "file__key").get(
        pk=batch.pk
    )
    return found


def test_a_trial_says_what_would_happen_and_writes_no_row(analyst: Staff, now: datetime) -> None:
    batch = tried(analyst, now)
    assert batch.status == ImportStatus.CHECKED
    assert (batch.report["good"], batch.report["bad"]) == (2, 1)
    assert batch.report["refused"][0][1][0] == "李*", "a name is masked"
    assert not ImportBlock.objects.exists()
    assert not RejectedRow.objects.exists()
    assert "林小满".encode("gbk") not in batch.file.path.read_bytes()


def test_rows_are_kept_without_names_and_a_bad_one_with_its_reason(analyst: Staff, now: datetime) -> None:
    batch = taken(analyst, now)
    assert (batch.status, batch.accepted, batch.rejected) == (ImportStatus.DONE, 2, 1)
    facts = list(queries.facts(batch))
    assert "2024-03-06" in facts[1][2]
    assert "13900139000" not in repr(facts)
    assert "王" not in repr(facts)
    row = RejectedRow.objects.select_related("batch__file_key").get()
    assert row.number == 4
    assert "电话号码不正确" in row.reason
    assert row.cells[0] == "李二"
    assert "林小满" not in repr(list(Entry.objects.values_list("detail", "reason")))


def test_the_same_file_and_the_same_rows_go_in_once(analyst: Staff, now: datetime) -> None:
    batch = taken(analyst, now)
    assert brought(analyst, now).pk == batch.pk
    more = taken(
        analyst, now, HEAD + ROWS + "赵三,13700137000,2024-03-08,20\n赵三,13700137000,2024-03-08,20\n"
    )
    assert (more.accepted, more.known) == (2, 2), "two alike in one file are two rows"


def test_a_killed_worker_goes_on_where_it_stopped(
    analyst: Staff, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "BLOCK", 1)
    batch = tried(analyst, now)
    actions.run(batch.public_id, by=analyst, now=now)

    def die(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        actions.work(batch.public_id, now=now, say=die)
    assert ImportBlock.objects.count() == 2
    actions.work(batch.public_id, now=now)
    actions.work(batch.public_id, now=now)
    assert (again(batch).accepted, again(batch).rejected) == (2, 1)


def test_a_mended_row_goes_in_and_a_dismissed_one_loses_its_words(analyst: Staff, now: datetime) -> None:
    batch = taken(analyst, now, HEAD + ROWS + "赵三,1,2024-03-08,20\n")
    first, second = RejectedRow.objects.order_by("number")
    rejects.mend(first.public_id, cells={"phone": "99"}, by=analyst, now=now)
    assert RejectedRow.objects.get(pk=first.pk).status == RowStatus.WAITING
    rejects.mend(first.public_id, cells={"phone": "13600136000"}, by=analyst, now=now)
    rejects.dismiss(second.public_id, by=analyst, now=now)
    assert (again(batch).accepted, again(batch).rejected) == (3, 1)
    assert [row.cells for row in RejectedRow.objects.select_related("batch__file_key")] == [[], []]
    with pytest.raises(NotFound):
        rejects.mend(first.public_id, cells={"phone": "13600136000"}, by=analyst, now=now)


def test_an_undone_import_leaves_nothing_and_its_rows_may_come_again(analyst: Staff, now: datetime) -> None:
    batch = taken(analyst, now)
    path = again(batch).file.path
    actions.undo(batch.public_id, by=analyst, now=now)
    assert not ImportBlock.objects.exists()
    assert not RejectedRow.objects.exists()
    assert again(batch).vault_key.is_destroyed
    assert again(batch).file_key.is_destroyed
    assert path != again(taken(analyst, now)).file.path
    with pytest.raises(RuleBroken, match="已撤销"):
        actions.undo(batch.public_id, by=analyst, now=now)


def test_files_end_after_thirty_days_and_what_was_taken_in_stays(analyst: Staff, now: datetime) -> None:
    batch = taken(analyst, now)
    assert actions.clear_expired(now=now + timedelta(days=30)) == 0
    assert actions.clear_expired(now=now + timedelta(days=30, seconds=1)) == 1
    assert again(batch).file_key.is_destroyed
    assert len(list(queries.facts(batch))) == 2
    with pytest.raises(NotFound):
        rejects.dismiss(RejectedRow.objects.get().public_id, by=analyst, now=now)


def test_nobody_else_and_no_second_click(analyst: Staff, now: datetime) -> None:
    batch = brought(analyst, now)
    for role in ("director", "marketing", "surgeon", "admin"):
        with pytest.raises(NotFound):
            actions.check(batch.public_id, mapping=batch.mapping, by=StaffFactory(role=role), now=now)
    with pytest.raises(RuleBroken):
        actions.run(batch.public_id, by=analyst, now=now)
    actions.check(batch.public_id, mapping=batch.mapping, by=analyst, now=now)
    with pytest.raises(RuleBroken, match="已经在后台"):
        actions.check(batch.public_id, mapping=batch.mapping, by=analyst, now=now)
    jobs.run_waiting()
    assert again(batch).status == ImportStatus.CHECKED


def test_headings_are_remembered_without_keeping_them(analyst: Staff, now: datetime) -> None:
    text = "甲,乙\n13800138000,2024-3-5\n"
    first = brought(analyst, now, text)
    assert first.mapping == {}
    actions.check(first.public_id, mapping={"phone": 0, "day": 1}, by=analyst, now=now)
    other = brought(analyst, now, text + "13900139000,2024-3-6\n")
    assert other.mapping == {"phone": 0, "day": 1}


def test_a_forgotten_person_goes_from_what_was_taken_in(analyst: Staff, now: datetime) -> None:
    patient = PatientFactory()
    patient.person.phone = "+8613800138000"
    batch = taken(analyst, now)
    assert erase_imported(patient, now) == 1
    assert [row[0] for row in queries.facts(batch)] == [3]


def test_a_file_whose_quote_never_closes_comes_back_with_its_line(analyst: Staff, now: datetime) -> None:
    batch = tried(analyst, now, HEAD + ROWS * 10 + '"林,13800138000,2024-3-5,1\n')
    assert batch.status == ImportStatus.RECEIVED
    assert "第 32 行" in batch.report["fault"]


def test_a_column_that_came_later_leaves_what_was_taken_in_before_as_it_is(
    analyst: Staff, now: datetime
) -> None:
    """Rows of an older version have no place for it; the same file is known again all the same."""
    batch = taken(analyst, now)
    block = ImportBlock.objects.select_related("batch__vault_key").get()
    assert [len(values) for _line, _person, values in block.facts or ()] == [12, 12]
    block.facts = [[line, person, values[:-2]] for line, person, values in block.facts or ()]
    block.save(update_fields=["facts"])
    assert [values[-1] for _line, _person, values in queries.facts(batch)] == [None, None]
    report = tried(analyst, now, HEAD + "".join(reversed(ROWS.splitlines(keepends=True)))).report
    assert (report["good"], report["known"]) == (0, 2)
    told = "姓名,电话,首次到店,消费金额,年龄,门店\n林小满,13800138000,2024/3/5,1.2万,31,总院\n"
    with_more = taken(analyst, now, told)
    assert (with_more.accepted, with_more.known) == (1, 0)
    [(_line, _person, values)] = queries.facts(with_more)
    assert values[-2:] == [31, "总院"]


def test_a_mark_is_what_it_was_before_the_late_columns() -> None:
    """Pinned: rows taken in by an older version are known by marks of what stood before it."""
    from yimei.insight.rules.imports.rows import Judged
    from yimei.vault import blind

    early = ("female", 1995, "douyin", "杭州", "2024-03-05", None, 3, "1.00", None, True)
    said = "\x1f".join(map(str, (*early, "phone", "+8613800138000")))
    judged = Judged((*early, None, None), ("phone", "+8613800138000"))
    assert queries.Marks("patient").of(judged) == blind.token("import.row.patient", said)
    aged = "\x1f".join(map(str, (*early, 31, "phone", "+8613800138000")))
    judged = Judged((*early, 31, None), ("phone", "+8613800138000"))
    assert queries.Marks("patient").of(judged) == blind.token("import.row.patient", aged)


def test_what_was_taken_in_is_shown_in_words() -> None:
    values = ["other", 1995, "douyin", "杭州", "2024-03-05", None, 3, "1.00", None, True, 29, "总院"]
    shown = [str(one) for one in queries.worded(TEMPLATES["patient"], values)]
    assert shown[:4] == ["其他或未知", "1995", "抖音", "杭州"]
    assert shown[9] == "是"


US = "手机号,首次到店日,最近到店日\n"


def days_of(batch: ImportBatch) -> list[list[object]]:
    names = [one.name for one in TEMPLATES["patient"].columns if not one.identifies]
    at = [names.index("day"), names.index("last_day")]
    return [[said[place] for place in at] for _line, _person, said in queries.facts(batch)]


def test_days_are_read_as_the_others_of_their_column_show(analyst: Staff, now: datetime) -> None:
    """One column shows that its day stands first, the other that its month does: neither is asked for."""
    text = US + "13800138000,3/5/2024,6/7/2024\n13900139000,30/9/2023,10/31/2023\n"
    batch = taken(analyst, now, text)
    assert (batch.accepted, batch.rejected) == (2, 0)
    assert days_of(batch) == [["2024-05-03", "2024-06-07"], ["2023-09-30", "2023-10-31"]]


def test_days_that_show_nothing_wait_for_a_person_whose_word_is_remembered(
    analyst: Staff, now: datetime
) -> None:
    text = US + "13800138000,3/5/2024,\n13900139000,4/4/2024,\n"
    batch = tried(analyst, now, text)
    assert (batch.report["good"], batch.report["bad"]) == (1, 1)
    assert queries.unsure_days(batch) == {"day": 1}
    for wrong in ({"day": "xyz"}, {"phone": "dmy"}, {"birth_year": "dmy"}):
        with pytest.raises(RuleBroken, match="日期写法"):
            actions.check(batch.public_id, mapping=batch.mapping, orders=wrong, by=analyst, now=now)
    said = {"day": "mdy"}
    actions.check(batch.public_id, mapping=batch.mapping, orders=said, by=analyst, now=now)
    actions.work(batch.public_id, now=now)
    actions.run(batch.public_id, by=analyst, now=now)
    actions.work(batch.public_id, now=now)
    assert [first for first, _last in days_of(again(batch))] == ["2024-03-05", "2024-04-04"]
    more = brought(analyst, now, text + "13700137000,7/8/2024,\n")
    assert more.orders == said, "the next file of these headings is read alike"
    other = taken(analyst, now, US + "13600136000,3/5/2024,\n13500135000,30/9/2023,\n")
    assert days_of(other)[0][0] == "2024-05-03", "what a column shows outweighs what was said of another"


def test_a_row_is_mended_in_the_order_of_its_column(analyst: Staff, now: datetime) -> None:
    batch = taken(analyst, now, US + "13800138000,30/9/2024,\n12,3/5/2024,\n")
    row = RejectedRow.objects.get()
    rejects.mend(row.public_id, cells={"phone": "13900139000"}, by=analyst, now=now)
    assert days_of(batch)[1][0] == "2024-05-03"


def test_one_correction_goes_to_every_row_that_says_the_same(analyst: Staff, now: datetime) -> None:
    head = "手机号,首次到店日,来源,累计消费\n"
    rows = [
        f"1380013800{n},2024-3-5,{'火星' if n < 4 else '木星'},{'很多' if n == 3 else n}\n" for n in range(6)
    ]
    batch = taken(analyst, now, head + "".join(rows) + "13700137000,2024-3-5,抖音,6\n")
    assert (batch.accepted, batch.rejected) == (1, 6)
    first = RejectedRow.objects.order_by("number").first()
    assert first
    with pytest.raises(RuleBroken, match="逐行改"):
        rejects.mend_alike(first.public_id, cells={"phone": "13900139000"}, by=analyst, now=now)
    with pytest.raises(NotFound):
        rejects.mend_alike(
            first.public_id, cells={"source": "抖音"}, by=StaffFactory(role="director"), now=now
        )
    cells = {"source": "抖音", "phone": "13900139000", "amount": "0"}
    assert rejects.mend_alike(first.public_id, cells=cells, by=analyst, now=now) == (3, 1)
    assert (again(batch).accepted, again(batch).rejected) == (4, 3)
    waiting = RejectedRow.objects.filter(status=RowStatus.WAITING).order_by("number")
    assert [row.cells[2:] for row in waiting] == [["抖音", "很多"], ["木星", "4"], ["木星", "5"]]
    assert len({person for _line, person, _said in queries.facts(batch)}) == 4, "an identity is not carried"


def test_a_wrong_word_that_need_not_be_there_may_be_emptied(analyst: Staff, now: datetime) -> None:
    batch = taken(
        analyst, now, "手机号,首次到店日,累计消费\n13800138000,2024-3-5,很多\n13900139000,2024-3-5,1\n"
    )
    row = RejectedRow.objects.get()
    rejects.mend(row.public_id, cells={"amount": ""}, by=analyst, now=now)
    assert again(batch).accepted == 2
