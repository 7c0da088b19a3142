"""The benchmark measures a hospital of its own and leaves ours alone."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.factories.people import PatientFactory, StaffFactory
from yimei.growth.actions import running
from yimei.people import queries
from yimei.people.models import Patient
from yimei.rehearsal.bench import slots

pytestmark = pytest.mark.django_db


@pytest.mark.slow(reason="fills a scratch database and asks six hundred times")
def test_search_is_measured_beside_the_hospital() -> None:
    patient = PatientFactory()
    out = StringIO()
    call_command("bench", "search", n=300, stdout=out)
    [line] = out.getvalue().splitlines()
    result = json.loads(line)
    assert (result["name"], result["n"]) == ("search", 300)
    assert 0 < result["p50_ms"] <= result["p95_ms"] <= result["max_ms"]
    assert result["max_rss_mb"] > 0
    assert Patient.objects.count() == 1
    assert queries.search("林", by=StaffFactory(campus=patient.campus)) == [patient]


@pytest.mark.parametrize(("name", "n"), [("nothing", 10), ("scratch", 10), ("search", 0)])
def test_what_cannot_be_measured_is_refused(name: str, n: int) -> None:
    with pytest.raises(CommandError):
        call_command("bench", name, n=n)


@pytest.mark.slow(reason="fills ten days of a scratch hospital and asks eighty times")
def test_slots_are_found_fast_in_full_calendars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "DAYS", 10)
    monkeypatch.setattr(slots, "QUERIES", 80)
    out = StringIO()
    call_command("bench", "slots", n=300, stdout=out)
    result = json.loads(out.getvalue())
    assert (result["name"], result["queries"], result["past_claims"]) == ("slots", 80, 300)
    assert result["claims"] > 6_500
    assert result["found"] > 60
    assert 0 < result["p50_ms"] <= result["p95_ms"]


@pytest.mark.slow(reason="reads the whole labelled set")
def test_details_are_found_in_the_half_that_was_not_used_for_tuning() -> None:
    out = StringIO()
    call_command("bench", "pii", stdout=out)
    result = json.loads(out.getvalue())
    assert result["n"] >= 700
    assert result["held_out"] >= 350
    assert min(result["precision"], result["recall"]) >= 0.97
    assert {"NAME", "PHONE", "ID_NO", "ADDRESS"} <= set(result["kinds"])


@pytest.mark.slow(reason="writes a thousand lines of a log one by one, each with its own transaction")
def test_the_log_is_measured_and_sound() -> None:
    out = StringIO()
    call_command("bench", "audit", n=1200, stdout=out)
    result = json.loads(out.getvalue())
    assert (result["name"], result["n"], result["sealed"], result["sound"]) == ("audit", 1200, 1200, True)
    assert 0 < result["insert_adds_p50_ms"] <= result["insert_adds_p95_ms"]


def test_decisions_and_thieves_are_measured() -> None:
    for name, n in (("access", 2000), ("theft", 50)):
        out = StringIO()
        call_command("bench", name, n=n, stdout=out)
        result = json.loads(out.getvalue())
        assert result["name"] == name
        assert 0 < result["p50_ms"] <= result["p95_ms"]


@pytest.mark.slow(reason="migrates a scratch database, fills it and kills a worker in it")
def test_a_flow_whose_worker_is_killed_decides_every_message_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH", 20)
    out = StringIO()
    call_command("bench", "flows", n=150, stdout=out)
    result = json.loads(out.getvalue())
    assert result["entered"] == 150
    assert 0 < result["killed_after"] < result["treated"]
    assert (result["decided_once"], result["steps_twice"]) == (True, 0)
    assert result["waiting"] == result["treated"] == result["messages"]
    assert set(result["decided"]) == {"send", "refuse"}


@pytest.mark.slow(reason="migrates a scratch database and counts its people")
def test_segments_are_counted_in_a_hospital_of_its_own() -> None:
    out = StringIO()
    call_command("bench", "segments", n=400, stdout=out)
    result = json.loads(out.getvalue())
    assert (result["name"], result["counts"]) == ("segments", 40)
    assert 380 < result["by_segment"]["everybody"]["people"] <= 400
    assert 0 < result["p50_ms"] <= result["max_ms"]


def test_a_sheet_of_excel_is_written_and_read_whole() -> None:
    out = StringIO()
    call_command("bench", "excel", n=300, stdout=out)
    result = json.loads(out.getvalue())
    assert (result["name"], result["n"], result["columns"]) == ("excel", 300, 5)
    assert result["rows_read"] == 300
    assert 0 < result["write_p50_ms"] <= result["write_max_ms"]
    assert 0 < result["read_p50_ms"] <= result["read_max_ms"]
