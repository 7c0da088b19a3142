"""Plant a marker of its own in every open and encrypted word about one person, table by table.

Rows are made from the models alone: a table or a column that somebody adds tomorrow is planted too, or named.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from importlib import resources
from itertools import chain, count, islice, product
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, models

from tests.factories.people import PatientFactory, StaffFactory
from tests.privacy.looking import elsewhere
from yimei.core.models import Job
from yimei.people.actions import tokens
from yimei.people.models import Patient, Person, SearchToken, Staff
from yimei.privacy.enums import Answer, Sensitivity
from yimei.privacy.models import RightsRequest
from yimei.privacy.queries.datamap import our_models
from yimei.privacy.queries.erasure import table
from yimei.privacy.queries.rows import paths_to_patient, rows_of
from yimei.privacy.registry import for_model
from yimei.privacy.rules.erasure import SHELLS
from yimei.vault import files
from yimei.vault.fields import ERASED, EncryptedDate, EncryptedField, EncryptedJSON
from yimei.vault.keys import new_key
from yimei.vault.models import DataKey, StoredFile

THEN = datetime(2026, 6, 16, 2, tzinfo=UTC)

SHIPPED = json.loads(
    min((resources.files("yimei.journey") / "data" / "questionnaires").iterdir(), key=str).read_text("utf-8")
)
"""A questionnaire that can be read: one of those that come with the program."""

PHONE, OWNER = Path(__file__).parents[1] / "journey" / "data" / "phone.heic", b"Phone 1"
"""A HEIC as a telephone writes it, and the word in it that names the telephone."""

OVER: Mapping[str, Mapping[str, Any]] = {
    "journey.Booking": {"status": "cancelled", "ends_at": THEN + timedelta(minutes=30)},
    "journey.Case": {"stage": "closed", "closed_at": THEN},
    "journey.Surgery": {"status": "cancelled", "ends_at": THEN + timedelta(hours=1)},
    "journey.AftercareTask": {"status": "open"},
    "journey.Assessment": {"asa": 1, "height_cm": Decimal(165), "weight_kg": Decimal(52)},
    "journey.Observation": {"systolic": 120, "diastolic": 80, "spo2": 99, "temperature": Decimal("36.5")},
    "journey.WaitingEntry": {"from_hour": 9, "to_hour": 18, "status": "withdrawn", "ended_at": THEN},
    "journey.WaitingOffer": {"status": "expired", "decided_at": THEN},
    "journey.PhotoRelease": {"is_on": False, "consent": None},
    "journey.ResourceClaim": {"ends_at": THEN + timedelta(minutes=30), "released_at": THEN},
    "billing.Quote": {"status": "offered"},
    "billing.Order": {"amount": Decimal(100), "deposit": Decimal(0), "status": "cancelled"},
    "billing.Payment": {"kind": "deposit", "amount": Decimal(100)},
    "outbox.Message": {"status": "sent"},
    "people.BreakGlass": {"until": THEN + timedelta(hours=1)},
    "privacy.Consent": {"act": "given", "evidence": None},
    "privacy.RightsRequest": {"status": "answered", "identity_method": "id_card", "decision": "granted",
                              "identity_at": THEN, "decided_at": THEN, "answered_at": THEN},
    "privacy.DeadlineRule": {"hard_stop": 1},
    "journey.AnswerSet": {"completed_at": THEN},
    "journey.LabRow": {"status": "accepted", "cells": {}},
    "growth.Profile": {"is_customer": True, "lead": None},
    "growth.Lead": {"status": "lost", "loss": "thinking", "ended_at": THEN},
    "growth.OwnerPeriod": {"until": THEN, "ended_because": "lost"},
    "journey.Questionnaire": {"content": SHIPPED},
    "privacy.LegalHold": {"released_at": THEN, "release_reason": "settled"},
}  # fmt: skip
"""Values without which a constraint would refuse the row."""

OWN_KEYS = frozenset({"growth.Lead"})
"""Rows that lead to a customer only once she is one, under a key of their own."""

OTHER_FILES = frozenset({("people.DuplicatePair", "two"), ("people.Merge", "absorbed")})
"""Where a row is about two files, hers and another's."""

LED_BY: Mapping[str, tuple[str, ...]] = {
    "growth.Profile": ("patient",),
    "growth.FlowRun": ("profile",),
    "growth.BudgetEntry": ("coupon",),
    "journey.LabRow": ("result",),
}
"""Columns that may be empty and lead to her where they are not."""

PEOPLE_FIELDS: Mapping[str, tuple[str, ...]] = {
    "privacy.RightsRequest": ("identity_by", "decided_by", "answered_by"),
    "privacy.LegalHold": ("released_by",),
}


@dataclass
class Garden:
    """What was planted for one person: markers by table and column."""

    patient: Patient
    markers: dict[str, str] = field(default_factory=dict)
    loose: dict[str, str] = field(default_factory=dict)
    """Words in rows that may lead to somebody and lead to nobody here."""
    planted: dict[type[models.Model], models.Model] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @cached_property
    def second(self) -> Staff:
        """Somebody else, where a table wants two people."""
        return StaffFactory(role="privacy", campus=self.patient.campus)

    @cached_property
    def other(self) -> Patient:
        """Somebody else's file, where a table compares two."""
        return PatientFactory(campus=self.patient.campus)

    @cached_property
    def house_file(self) -> StoredFile:
        """A file about nobody, under a key of its own."""
        return files.store(b"house", key=new_key(), name_hint="house.txt")

    def of_the_house(self, target: type[models.Model]) -> models.Model:
        return self.house_file if target is StoredFile else self.house_file.key

    @property
    def file(self) -> StoredFile:
        found = self.planted[StoredFile]
        assert isinstance(found, StoredFile)
        return found

    def marker(self, where: str, length: int | None = None) -> str:
        word = f"{uuid4().hex[:7]}林{next(self.numbers)}"[:length]
        self.markers[where] = word
        return word


def grow(*, visited: bool, besides: frozenset[str] = frozenset()) -> Garden:
    """Make one row in every table about people; a visitor also has what only visitors have."""
    garden = Garden(PatientFactory(registered=True))
    person = garden.patient.person
    for name in ("name", "phone", "id_no"):
        setattr(person, name, garden.marker(f"people.Person.{name}"))
    person.save()
    tokens.write(garden.patient)
    garden.planted = {
        Patient: garden.patient,
        Person: person,
        DataKey: person.vault_key,
        Staff: StaffFactory(role="privacy", campus=garden.patient.campus),
    }
    data = garden.marker("vault.StoredFile.bytes").encode()
    garden.planted[StoredFile] = files.store(data, key=person.vault_key, name_hint="x.txt")
    for model in our_models():
        if paths_to_patient(model) and model._meta.label not in besides:
            plant(garden, model)
    tokens.write_guardian(garden.planted[_model("people.Guardian")])  # type: ignore[arg-type]
    if not visited:
        return garden
    visit(garden)
    return garden


def visit(garden: Garden) -> None:
    """She came, was operated on and went home."""
    booking = garden.planted[_model("journey.Booking")]
    type(booking).objects.filter(pk=booking.pk).update(status="served", arrived_at=THEN, visit_kind="first")


def plant(garden: Garden, model: type[models.Model]) -> models.Model:
    """Make one row of a table, and first those that it points at."""
    if model in garden.planted:
        return garden.planted[model]
    known = None if paths_to_patient(model) else model._base_manager.first()
    if known is not None:
        return known
    label = model._meta.label
    given = dict(OVER.get(label, {}))
    for name in PEOPLE_FIELDS.get(label, ()):
        given[name] = garden.planted[Staff]
    row = model()
    for column in model._meta.concrete_fields:
        if column.primary_key or column.name in {"public_id"}:
            continue
        if column.name in given:
            setattr(row, column.name, given[column.name])
        elif column.is_relation:
            _point(garden, row, column)
        else:
            value = _value(garden, model, column)
            if value is not models.NOT_PROVIDED:
                setattr(row, column.name, value)
    if label in OWN_KEYS:
        row.patient, row.vault_key = garden.patient, new_key()  # type: ignore[attr-defined]
    settle(garden, row)
    row.save(force_insert=True)
    garden.planted[model] = row
    if paths_to_patient(model) and not rows_of(model, garden.patient).filter(pk=row.pk).exists():
        mine = [where for where in garden.markers if where.startswith(f"{label}.")]
        garden.loose.update({where: garden.markers.pop(where) for where in mine})
    return row


_settled: dict[tuple[type[models.Model], str], int] = {}
"""With which of its candidates a check was settled the last time: those of the next garden are alike."""


def settle(garden: Garden, row: models.Model) -> None:
    """Turn a row's plain values until its table's checks allow it: tables to come settle by themselves."""
    checks = [c for c in type(row)._meta.constraints if isinstance(c, models.CheckConstraint)]
    for _round in range(len(checks) + 1):
        broken = next((check for check in checks if not _allows(check, row)), None)
        if broken is None:
            return
        names = sorted(_names_in(broken.condition) - set(PEOPLE_FIELDS.get(type(row)._meta.label, ())))
        before = {name: getattr(row, name) for name in names}
        options = [_candidates(garden, row, name) for name in names]
        best: dict[str, Any] | None = None
        tried = list(islice(product(*options), 4000))
        settled = _settled.get((type(row), broken.name), 0)
        for place, values in chain(enumerate(tried[settled:], settled), enumerate(tried[:settled])):
            chosen = dict(zip(names, values, strict=True))
            _set(row, chosen)
            if not _allows(broken, row):
                continue
            best = best or chosen
            if all(_allows(check, row) for check in checks):
                _settled[type(row), broken.name] = place
                return
        _set(row, best or before)


def _set(row: models.Model, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _allows(check: models.CheckConstraint, row: models.Model) -> bool:
    try:
        check.validate(type(row), row)
    except ValidationError:
        return False
    return True


def _names_in(condition: Any) -> set[str]:
    """The fields of which a check speaks, on either side."""
    if isinstance(condition, models.Q):
        return {name for child in condition.children for name in _names_in(child)}
    if isinstance(condition, tuple):
        return {condition[0].split("__")[0], *_names_in(condition[1])}
    if isinstance(condition, models.F):
        return {condition.name.split("__")[0]}
    sources = getattr(condition, "get_source_expressions", list)()
    return {name for source in sources for name in _names_in(source)}


def _candidates(garden: Garden, row: models.Model, name: str) -> list[Any]:
    """What a column may plausibly hold, what it holds now first."""
    column = row._meta.get_field(name)
    assert isinstance(column, models.Field)
    now = getattr(row, name)
    if isinstance(column, EncryptedField):
        return [now]
    found = [now, None] if column.null else [now]
    if column.is_relation:
        target = column.related_model
        if target is Staff:
            return [*found, garden.planted[Staff], garden.second]
        return [*found, plant(garden, target)] if target in garden.planted else found
    if column.choices:
        return [*found, *(value for value, _label in column.choices or ())]
    for kind, values in (
        (models.DateTimeField, (THEN, THEN + timedelta(hours=1))),
        (models.DateField, (THEN.date(), THEN.date() + timedelta(days=1))),
        (models.BooleanField, (False, True)),
        (models.DecimalField, (Decimal(0), Decimal(1), Decimal(100))),
        (models.IntegerField, (0, 1, 2, 8, 18)),
        (models.CharField, ("", uuid4().hex[: column.max_length or 32])),
    ):
        if isinstance(column, kind):
            return [*found, *values]
    return found


def _point(garden: Garden, row: models.Model, column: Any) -> None:
    target = column.related_model
    label = type(row)._meta.label
    if (label, column.name) in OTHER_FILES:
        setattr(row, column.name, garden.other)
        return
    is_one_of_several = not any(
        not other.null
        for other in type(row)._meta.concrete_fields
        if other.is_relation and other.related_model is not Staff
    )
    is_led = column.name in LED_BY.get(label, ())
    is_first = is_one_of_several and target in garden.planted and _is_first(row, column)
    if column.null and not is_first and not is_led:
        return
    if label == "people.Guardian" and target is Person:
        guardian = Person(vault_key=new_key(), created_at=THEN)
        for name in ("name", "phone", "id_no"):
            setattr(guardian, name, garden.marker(f"people.Person.guardian.{name}"))
        guardian.save()
        row.person = guardian  # type: ignore[attr-defined]
        return
    if target is DataKey and paths_to_patient(type(row)):
        setattr(row, column.name, new_key())  # what is written down before it is anybody's has its own key
        return
    if target in (StoredFile, DataKey) and not paths_to_patient(type(row)):
        setattr(row, column.name, garden.of_the_house(target))
        return
    setattr(row, column.name, plant(garden, target))


def _is_first(row: models.Model, column: Any) -> bool:
    optional = [
        c
        for c in type(row)._meta.concrete_fields
        if c.is_relation and c.null and c.related_model is not Staff
    ]
    return bool(optional) and optional[0] is column


def _value(garden: Garden, model: type[models.Model], column: Any) -> Any:
    where = f"{model._meta.label}.{column.name}"
    if column.choices:
        return column.get_default() or ("" if column.blank else column.choices[0][0])
    is_private = paths_to_patient(model) and level(model, column.name) in {
        Sensitivity.PERSONAL,
        Sensitivity.HEALTH,
    }
    if isinstance(column, EncryptedJSON):
        return {"x": garden.marker(where) if is_hers(model) else "x"}
    if isinstance(column, EncryptedDate):
        return date(1990, 1, 1)
    if isinstance(column, EncryptedField):
        return garden.marker(where) if is_hers(model) else "x"
    if isinstance(column, models.JSONField):
        return {"x": garden.marker(where)} if is_private else column.get_default() or {}
    if isinstance(column, models.BinaryField):
        return uuid4().bytes
    if isinstance(column, models.CharField | models.TextField) and is_private and not column.unique:
        return garden.marker(where, column.max_length)
    return _plain(column)


def _plain(column: Any) -> Any:
    if column.null or column.has_default():
        return models.NOT_PROVIDED
    if isinstance(column, models.CharField | models.TextField):
        return uuid4().hex[: column.max_length or 32] if column.unique or not column.blank else ""
    for kind, value in (
        (models.DateTimeField, THEN),
        (models.DateField, THEN.date()),
        (models.TimeField, time(9)),
        (models.BooleanField, False),
        (models.UUIDField, uuid4()),
        (models.DecimalField, Decimal(1)),
        (models.IntegerField, 1),
    ):
        if isinstance(column, kind):
            return value
    return models.NOT_PROVIDED


def is_hers(model: type[models.Model]) -> bool:
    """Whether a table is sealed under her own key or that of her enquiry, not under that of a whole file."""
    if not hasattr(model, "VAULT"):
        return True
    here: Any = model
    passed = {model}
    for step in str(model.VAULT).split("."):
        here = here._meta.get_field(step).related_model
        passed.add(here)
    return Person in passed or any(each._meta.label in OWN_KEYS for each in passed)


def level(model: type[models.Model], name: str) -> str:
    privacy: Mapping[str, set[str]] = getattr(model, "PRIVACY", {})
    return next((word for word, names in privacy.items() if name in names), "")


def scanned(garden: Garden) -> bytes:
    """A telephone's picture with a word beside its points (EXIF), kept as it came, as papers are."""
    word = garden.marker("vault.StoredFile.exif", len(OWNER))
    raw = PHONE.read_bytes().replace(OWNER, word.encode())
    assert word.encode() in raw
    files.store(raw, key=garden.patient.person.vault_key, name_hint="scan.heic")
    return raw


def stored_bytes() -> bytes:
    """What each file says that its key still opens, pictures with all that is written beside the points."""
    kept = StoredFile.objects.exclude(key__wrapped=None).select_related("key")
    return b"".join(files.read(one) for one in kept if one.path.exists())


def words_about_people() -> Iterator[str]:
    """Every column that holds words about a person: what must be planted."""
    for model in our_models():
        if not paths_to_patient(model):
            continue
        for column in model._meta.concrete_fields:
            is_word = (isinstance(column, EncryptedField) and is_hers(model)) or (
                isinstance(column, models.CharField | models.TextField | models.JSONField)
                and level(model, column.name) in {Sensitivity.PERSONAL, Sensitivity.HEALTH}
                and not column.choices
                and not column.unique
            )
            if is_word and not isinstance(column, EncryptedDate):
                yield f"{model._meta.label}.{column.name}"


def readable(markers: Mapping[str, str]) -> list[str]:
    """Look for the markers in each attribute of each row, raw tables, files, the mart and the cache."""
    words = {word: where for where, word in markers.items()}
    found = []
    for model in (*our_models(), Job):
        for row in model._base_manager.all():
            for column in model._meta.concrete_fields:
                text = str(getattr(row, column.attname))
                found += [
                    f"{model._meta.label}.{column.name}: {where}"
                    for word, where in words.items()
                    if word in text
                ]
    dump = _raw_tables()
    found += [f"raw table: {where}" for word, where in words.items() if word in dump]
    for path in Path(settings.VAR_DIR).rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            found += [f"{path.name}: {where}" for word, where in words.items() if word.encode() in data]
    for place, text in elsewhere():
        found += [f"{place}: {where}" for word, where in words.items() if word in text]
    return found


RANDOM = frozenset({"token_hash", "code"})
"""Of a random word that nobody can work out from her."""
CODES = frozenset({"joined"})
"""Words of the program in a column of words."""


def remains(patient: Patient) -> Iterator[str]:
    """What a total erasure may not leave: a word, a fingerprint that finds her, a row of what is deleted.

    The shell of a record (days, numbers, choices) stays under a number that leads to nobody.
    """
    yield from (f"search word: {word.kind}" for word in _search_words(patient))
    for model in our_models():
        if not paths_to_patient(model):
            continue
        label, rule = model._meta.label, table().get(for_model(model).code)
        found = list(rows_of(model, patient))
        if found and rule is not None and rule.answer == Answer.ERASE and label not in SHELLS:
            yield f"{label}: {len(found)} rows"
        for row in found:
            for column in model._meta.concrete_fields:
                value = getattr(row, column.attname)
                if not _is_over(column, level(model, column.name), value, row):
                    yield f"{label}.{column.name}: {value!r}"


NAMED: Mapping[str, str] = {
    "audit_entry": "《个人信息保护法》第五十四条；《网络安全法》第二十三条：日志成链，不能抽去一行",
    "privacy_erasure": "《个人信息保护法》第四十七条第二款：备份恢复之后凭不透明编号再次删除",
    "erasures.jsonl": "同上，数据库之外的一份",
    "growth_flowrun": "《个人信息保护法》第七十三条第四项：擦除时已与本人脱离，只留步数，无从得知是谁的",
    "growth_flowtask": "同上",
}
"""The only places in which an opaque number of hers may still be written once everything else is gone."""


def opaque_numbers(patient: Patient) -> set[str]:
    """Every number that the program ever gave to her or to one of her rows."""
    found = {patient.person.public_id, patient.person.vault_key.public_id}
    for model in our_models():
        if paths_to_patient(model) and any(one.name == "public_id" for one in model._meta.concrete_fields):
            found |= set(rows_of(model, patient).values_list("public_id", flat=True))
    return {str(one) for one in found}


def rows_left(patient: Patient) -> list[str]:
    """Tables in which any row still leads to her, whatever it says."""
    return [
        f"{model._meta.label}: {count}"
        for model in our_models()
        if paths_to_patient(model) and (count := rows_of(model, patient).count())
    ]


def places_of(numbers: set[str]) -> set[str]:
    """Every table of the database and every file in which one of these numbers is still written."""
    words = {form for number in numbers for form in (number, number.replace("-", ""))}
    found = set()
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{name}"')
            text = "\n".join(str(line) for line in cursor.fetchall())
            if any(word in text for word in words):
                found.add(name)
    for path in Path(settings.VAR_DIR).rglob("*"):
        if path.is_file() and any(word.encode() in path.read_bytes() for word in words):
            found.add(path.name)
    return found | {place for place, text in elsewhere() if any(word in text for word in words)}


def _search_words(patient: Patient) -> models.QuerySet[SearchToken]:
    hers = models.Q(person__patient=patient) | models.Q(person__guards__patient=patient)
    return SearchToken.objects.filter(hers)


def _is_over(column: Any, sensitivity: str, value: Any, row: models.Model) -> bool:
    """Whether a value says nothing of anybody any more."""
    if sensitivity not in {Sensitivity.PERSONAL, Sensitivity.HEALTH, Sensitivity.SECRET}:
        return True
    if value in (None, "", b"", {}, [], ERASED) or column.choices or column.is_relation:
        return True
    if isinstance(column, models.BinaryField):
        return False
    if isinstance(column, models.CharField | models.TextField | models.JSONField | EncryptedField):
        return column.name in RANDOM or value in CODES or value == f"X{row.pk}"
    return True


def _raw_tables() -> str:
    """Every value of every table as the database holds it, text and bytes alike."""
    lines = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for line in cursor.fetchall():
                lines += [
                    bytes(value).decode("utf-8", "replace")
                    if isinstance(value, bytes | memoryview)
                    else str(value)
                    for value in line
                ]
    return "\n".join(lines)


def _model(label: str) -> type[models.Model]:
    return next(model for model in our_models() if model._meta.label == label)


def request_of(garden: Garden) -> RightsRequest:
    found = garden.planted[RightsRequest]
    assert isinstance(found, RightsRequest)
    return found
