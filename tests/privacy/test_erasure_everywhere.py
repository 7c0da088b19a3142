"""What was drawn from the tables goes too: mart, list, words beside figures. And the search can fail."""

import gzip
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.core.cache import cache
from django.db.models import Model, QuerySet

from tests.factories.journey import BookingFactory, CaseFactory
from tests.factories.people import PatientFactory, PersonFactory, StaffFactory
from tests.privacy.plants import THEN, opaque_numbers, places_of, readable
from yimei.core.errors import RuleBroken
from yimei.hospital.models import Campus
from yimei.insight.actions import dashboards, mart
from yimei.insight.actions.reports import drafts, talk
from yimei.insight.gateways import reader
from yimei.insight.models import Dashboard, Pseudonym, Report, ReportComment, Tile
from yimei.insight.queries import figures
from yimei.insight.rules.questions import parse
from yimei.journey.models import CaseMove
from yimei.people.actions import tokens
from yimei.people.enums import LookPurpose
from yimei.people.models import Patient
from yimei.people.queries import search
from yimei.privacy.actions import erasure, exports
from yimei.privacy.enums.watch import ExportState
from yimei.privacy.models import Export
from yimei.privacy.queries import rows
from yimei.privacy.queries.mentions import leads_to_somebody
from yimei.vault import files

pytestmark = pytest.mark.django_db(transaction=True)
NAME, WORD = "苏晚晴", "她说过的蓝鹦鹉"
LATER = THEN + timedelta(days=1)


@pytest.fixture(autouse=True)
def own_var(tmp_path: Path, settings: Any) -> Iterator[None]:
    settings.VAR_DIR = tmp_path
    settings.FILES_DIR = tmp_path / "files"
    cache.clear()
    reader.forget()
    figures.forget()
    yield
    cache.clear()
    reader.forget()
    figures.forget()


@pytest.fixture
def woman(campus: Campus) -> Patient:
    person = PersonFactory(name=NAME, phone="+8612000000001", birth_date=date(1995, 3, 8))
    made: Patient = PatientFactory(campus=campus, registered=True, person=person)
    tokens.write(made)
    return made


def said(patient: Patient) -> CaseMove:
    return CaseMove.objects.create(case=CaseFactory(patient=patient), new="booked", at=THEN, note=WORD)


def erase(patient: Patient) -> None:
    erasure.carry_out(patient, now=LATER)


@pytest.mark.slow(reason="builds the mart twice")
def test_mart_list_and_search_forget_her(woman: Patient) -> None:
    BookingFactory(case__patient=woman, status="cancelled", note=WORD)
    officer = StaffFactory(role="privacy", campus=woman.campus)
    numbers = opaque_numbers(woman)
    mart.build(now=THEN)
    code = str(Pseudonym.objects.get(patient=woman).code)
    assert {"mart.duckdb", "customer.parquet"} <= places_of({code}), "the search reads columns of the mart"
    clerk = StaffFactory(role="aftercare", campus=woman.campus)
    asked = exports.ask(
        "customers", query={}, purpose=LookPurpose.AFTERCARE, reason="季度回访名单，用完即删",
        by=clerk, now=THEN,
    )  # fmt: skip
    exports.make(asked.public_id, by=clerk, now=THEN)
    assert search(NAME, by=officer) != []
    erase(woman)
    mart.build(now=LATER)
    assert search(NAME, by=officer) == []
    assert readable({"name": NAME, "note": WORD}) == []
    assert places_of({code}) == set()
    assert not {place for place in places_of(numbers) if place.endswith((".parquet", ".duckdb", ".zip"))}
    assert Export.objects.get().state(LATER) != ExportState.READY, (
        "a list in which she stood is fetched no more"
    )


@pytest.mark.slow(reason="builds a mart")
def test_words_beside_figures_never_name_a_customer(woman: Patient) -> None:
    mart.build(now=THEN)
    director = StaffFactory(role="director", campus=woman.campus)
    report = drafts.begin(
        "", title="一周", starts_on=date(2026, 6, 8), last_day=date(2026, 6, 14), by=director, now=THEN,
        about=None,
    )  # fmt: skip
    question = parse({"m": "visits"}, today=THEN.date())
    for evil in (
        f"本月{NAME}退费拉低了利润",
        f"客户{NAME}投诉",
        f"见档案 {woman.file_no}",
        "她的电话 12000000001",
    ):
        with pytest.raises(RuleBroken, match="可识别个人"):
            talk.comment(report.public_id, evil, about="", mentions=[], by=director, now=THEN)
        with pytest.raises(RuleBroken, match="可识别个人"):
            talk.decide(
                report.public_id, evil, owner=director.public_id, due=LATER.date(), by=director, now=THEN
            )
        with pytest.raises(RuleBroken, match="可识别个人"):
            dashboards.pin(question, title=evil, dashboard=None, name="每周", by=director, now=THEN)
        with pytest.raises(RuleBroken, match="可识别个人"):
            dashboards.pin(question, title="到诊", dashboard=None, name=evil[:40], by=director, now=THEN)
        with pytest.raises(RuleBroken, match="可识别个人"):
            drafts.begin("", title=evil, starts_on=date(2026, 6, 8), last_day=date(2026, 6, 14), by=director,
                         now=THEN)  # fmt: skip
    assert [model.objects.count() for model in (ReportComment, Dashboard, Tile)] == [0, 0, 0]
    assert Report.objects.count() == 1
    assert not leads_to_somebody("高峰期人手不足，王医生建议加一个诊室；利润 12345 元")


# ---- the search can fail ---------------------------------------------------------------------------


def test_a_column_that_erase_forgets_is_found(woman: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    said(woman)
    monkeypatch.setattr(erasure, "_empty", _forgets("note"))
    erase(woman)
    assert {one.split(":")[0] for one in readable({"note": WORD})} == {"journey.CaseMove.note", "raw table"}


def test_an_encrypted_column_whose_key_lives_is_found(
    woman: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yimei.privacy.holdings.keys.destroy", lambda key, *, at: None)
    erase(woman)
    assert "people.Person.name: name" in readable({"name": NAME})


def test_a_file_left_on_the_disk_is_found(woman: Patient, tmp_path: Path) -> None:
    (tmp_path / "prints").mkdir()
    (tmp_path / "prints" / "letter.txt").write_text(f"{NAME} 女士", "utf-8")
    erase(woman)
    assert readable({"name": NAME}) == ["letter.txt: name"]


def test_a_stored_file_that_stays_on_the_disk_is_found(
    woman: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = files.store(WORD.encode(), key=woman.person.vault_key, name_hint="x.txt")
    monkeypatch.setattr("yimei.privacy.holdings._remove", lambda path: None)
    erase(woman)
    assert stored.path.exists(), "what the marker test asks of each file"


def test_a_cache_that_still_knows_her_is_found(woman: Patient) -> None:
    cache.set("front:12", {"name": NAME}, timeout=3600)
    erase(woman)
    assert readable({"name": NAME}) == ["cache default: name"]


@pytest.mark.parametrize("shape", ["parquet", "zip", "gz"])
def test_a_copy_that_no_byte_search_reads_is_found(woman: Patient, tmp_path: Path, shape: str) -> None:
    _pack(tmp_path / f"left.{shape}", NAME * 30)
    erase(woman)
    assert set(readable({"name": NAME})) == {f"left.{shape}: name"}


def _forgets(column: str) -> Any:
    def empty(found: QuerySet[Model]) -> None:
        blank: Mapping[str, object] = {
            name: value for name, value in rows.blanks_of(found.model).items() if name != column
        }
        if blank:
            found.exclude(**blank).update(**blank)

    return empty


def _pack(path: Path, text: str) -> None:
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.txt", text)
    else:
        with duckdb.connect() as con:
            con.execute(f"COPY (SELECT '{text}' AS word) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")
