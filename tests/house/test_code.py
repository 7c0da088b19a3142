"""The code keeps the rules of the house; each rule is shown a bad sample, so that we know it can fail."""

import subprocess
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.house import checkers
from tests.house.checkers import ROOT, SCREENS, SOURCE

Checker = Callable[[str, str], list[str]]
pytestmark = pytest.mark.slow(reason="reads every module of the program")


def modules(*rooms: str, parts: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Yield name and text of every module, or of those in the given rooms or parts."""
    for path in sorted(SOURCE.rglob("*.py")):
        part, *rest = path.relative_to(SOURCE).parts
        if not rest or "migrations" in rest or (parts and part not in parts):
            continue
        if not rooms or rest[0].removesuffix(".py") in rooms:
            yield str(path.relative_to(SOURCE)), path.read_text("utf-8")


def findings(checker: Checker, *rooms: str, parts: tuple[str, ...] = ()) -> list[str]:
    return [finding for name, text in modules(*rooms, parts=parts) for finding in checker(name, text)]


def floors() -> list[set[str]]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return [{part.strip() for part in layer.split("|")} for layer in layers]


def test_every_module_stands_in_a_room_of_its_part() -> None:
    tracked = [path.relative_to(SOURCE) for path in SOURCE.rglob("*.py")]
    assert checkers.misplaced(tracked) == []


def test_rules_and_gateways_know_no_database() -> None:
    assert findings(checkers.imports_the_orm, "rules", "gateways") == []


def test_screens_import_no_models() -> None:
    assert findings(checkers.imports_models, parts=SCREENS) == []


def test_screens_write_nothing() -> None:
    assert findings(checkers.writes, parts=SCREENS) == []


def test_actions_know_nothing_of_http() -> None:
    assert findings(checkers.imports_http, "actions", "rules", "queries", "access", "models") == []


def test_only_the_edge_reads_the_clock() -> None:
    assert findings(checkers.reads_the_clock, "actions", "rules", "queries", "access", "gateways") == []


def test_queries_access_and_registries_write_nothing() -> None:
    assert findings(checkers.writes, "queries", "access", "registry") == []


def test_models_hide_no_side_effects() -> None:
    assert findings(checkers.overrides_save, "models") == []
    assert findings(checkers.imports_signals) == []


def test_views_are_functions() -> None:
    assert findings(checkers.class_views, "views", parts=(*SCREENS, "ui")) == []


def test_rules_and_actions_say_what_they_hold() -> None:
    assert findings(checkers.no_docstring, "rules", "actions", "queries", "access") == []


def test_no_room_is_too_long() -> None:
    assert findings(checkers.too_long) == []


def test_every_ignore_names_its_code() -> None:
    assert findings(checkers.bare_ignores) == []


def test_imports_for_types_follow_the_floors() -> None:
    from_the_top = floors()

    def check(name: str, text: str) -> list[str]:
        return checkers.types_from_above(name, text, from_the_top)

    assert findings(check) == []


def test_no_tracked_file_holds_unwanted_words() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    texts = (".py", ".html", ".js", ".css", ".toml", ".txt", ".sh", ".md", ".yml", ".json")
    found = []
    for name in listed.decode().split("\0"):
        if name.endswith(texts) and "/vendor/" not in name and (ROOT / name).is_file():
            found += checkers.unwanted_words(name, (ROOT / name).read_text("utf-8"))
    assert found == []


BAD: list[tuple[Checker, str]] = [
    (checkers.imports_the_orm, "from django.db import models"),
    (checkers.imports_the_orm, "import django.db.models"),
    (checkers.imports_the_orm, "from yimei.people.models import Staff"),
    (checkers.imports_the_orm, "from yimei.people import queries"),
    (checkers.imports_models, "from yimei.journey.models import Booking"),
    (checkers.imports_models, "from yimei.journey.models.bookings import Booking"),
    (checkers.imports_models, "from yimei.journey import models"),
    (checkers.imports_models, "def view():\n    from django.db.models import Q"),
    (checkers.imports_http, "from django.http import HttpRequest"),
    (checkers.imports_http, "from django.shortcuts import render"),
    (checkers.imports_signals, "from django.db.models.signals import post_save"),
    (checkers.reads_the_clock, "from django.utils import timezone\nat = timezone.now()"),
    (checkers.reads_the_clock, "import datetime\nday = datetime.date.today()"),
    (checkers.reads_the_clock, "from datetime import datetime\nat = datetime.now()"),
    (checkers.writes, "booking.save(update_fields=['status'])"),
    (checkers.writes, "Booking.objects.create(patient=patient)"),
    (checkers.writes, "patient.bookings.filter(status='x').update(status='y')"),
    (checkers.writes, "Booking.objects.filter(pk=1).delete()"),
    (checkers.overrides_save, "class Booking:\n    def save(self): ..."),
    (checkers.class_views, "class Day(ListView): ..."),
    (checkers.no_docstring, "MOVES = {}"),
    (checkers.too_long, "x = 1\n" * 401),
    (checkers.bare_ignores, "x = y  # type: " + "ignore"),
    (checkers.bare_ignores, "x = y  # no" + "qa"),
    (checkers.unwanted_words, "# TO" + "DO: later"),
    (checkers.unwanted_words, "path = '/wo" + "rk/main'"),
]


@pytest.mark.parametrize(("checker", "sample"), BAD, ids=lambda value: getattr(value, "__name__", None))
def test_each_rule_finds_its_bad_sample(checker: Checker, sample: str) -> None:
    assert len(checker("sample.py", sample)) == 1


GOOD: list[tuple[Checker, str]] = [
    (checkers.imports_models, "if TYPE_CHECKING:\n    from yimei.journey.models import Booking"),
    (checkers.imports_the_orm, "from django.utils.translation import gettext as _"),
    (checkers.imports_the_orm, "from yimei.journey.enums import BookingStatus"),
    (checkers.writes, "from yimei.journey.actions import bookings\nbookings.create(1, by=staff, now=now)"),
    (checkers.too_long, "x = 1\n" * 400),
    (checkers.writes, "context.update(title='x')"),
    (checkers.reads_the_clock, "def mark(*, now): return now.date()"),
    (checkers.bare_ignores, "x = y  # type: ignore[attr-defined]"),
]


@pytest.mark.parametrize(("checker", "sample"), GOOD, ids=lambda value: getattr(value, "__name__", None))
def test_each_rule_leaves_a_good_sample_alone(checker: Checker, sample: str) -> None:
    assert checker("sample.py", sample) == []


@pytest.mark.parametrize("path", ["journey/utils.py", "people/services/staff.py", "desk/models.py"])
def test_a_room_that_no_part_has_is_found(path: str) -> None:
    assert len(checkers.misplaced([Path(path)])) == 1


def test_a_type_from_a_floor_above_is_found() -> None:
    sample = "if TYPE_CHECKING:\n    from yimei.journey.models import Booking"
    assert len(checkers.types_from_above("people/models.py", sample, floors())) == 1
    assert checkers.types_from_above("desk/views.py", sample, floors()) == []
