"""How many persons are held, and what each threshold means (P-6, P-7, S-11, S-13, X-5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext_lazy

from yimei.core.clock import age_on, local_date
from yimei.hospital.queries import calendar_table
from yimei.hospital.rules.calendar import add_workdays
from yimei.people.models import Patient, Person
from yimei.people.rules.capacity import ADULT, CHILD
from yimei.privacy import registry
from yimei.privacy.enums import Sensitivity
from yimei.privacy.models import CounterAlarm, CounterReading
from yimei.privacy.queries import packs, transfers
from yimei.privacy.queries.datamap import our_models
from yimei.privacy.queries.rows import paths_to_patient

NAMES = {
    "persons": gettext_lazy("持有个人信息的人数"),
    "spi": gettext_lazy("其中有敏感个人信息"),
    "faces": gettext_lazy("存有面部影像的人数"),
    "minors14": gettext_lazy("不满十四周岁"),
    "minors18": gettext_lazy("十四至十七周岁"),
    "abroad": gettext_lazy("本年出境（敏感）"),
    "abroad_plain": gettext_lazy("本年出境（非敏感）"),
}
THRESHOLDS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "persons": (("counter.persons", "P-6"), ("counter.important", "P-7")),
    "spi": (("counter.spi", "S-11"),),
    "faces": (("counter.faces", "S-13"),),
    "abroad": (("abroad.spi_assess", "X-5"),),
    "abroad_plain": (("abroad.plain_free", "X-5"), ("abroad.plain_assess", "X-5")),
}
"""Counter → the limits it is held against and the rule that each starts."""


@dataclass(frozen=True)
class Gauge:
    """One counter as the page draws it."""

    code: str
    name: str
    value: int | None
    at: datetime | None
    threshold: int
    rule_code: str

    @property
    def percent(self) -> int:
        return min(100, (self.value or 0) * 100 // self.threshold) if self.threshold else 0


def measure(now: datetime) -> dict[str, int]:
    """Count afresh; the birth dates are opened one by one, so this runs at night.

    Persons are customers and their guardians, and whoever enquired and is no customer yet; nobody invented.
    """
    on = local_date(now)
    alive = Person.objects.filter(
        vault_key__destroyed_at=None, patient__canary=None, patient__merged_into=None
    )
    abroad = transfers.counts(on.year)
    found = {
        "persons": alive.count() + (registry.count_of("enquirers") or 0),
        "spi": len(_sensitive()),
        "abroad": abroad.sensitive,
        "abroad_plain": abroad.plain,
    }
    found["minors14"], found["minors18"] = _minors(on)
    faces = registry.count_of("faces")
    if faces is not None:
        found["faces"] = faces
    return found


def gauges() -> list[Gauge]:
    """Each counter against each of its thresholds, with the time of the count."""
    rows = {}
    for code in NAMES:
        rows[code] = CounterReading.objects.filter(code=code).order_by("-id").first()
    limits = packs.limits_on([limit for each in THRESHOLDS.values() for limit, _rule in each], date.max)
    found = []
    for code, name in NAMES.items():
        row = rows[code]
        value, at = (row.value, row.at) if row else (None, None)
        for limit_code, rule_code in THRESHOLDS.get(code, (("", ""),)):
            held = limits.get(limit_code)
            found.append(Gauge(code, str(name), value, at, held.value if held else 0, rule_code))
    return found


def open_alarms() -> list[CounterAlarm]:
    return list(CounterAlarm.objects.filter(done_at=None))


def filing_due(reached: date, on: date) -> tuple[date, bool]:
    """Working days from the day on which the threshold was reached (T-2)."""
    days = packs.limits_on(["counter.file_workdays"], on)["counter.file_workdays"].value
    return add_workdays(reached, days, calendar_table([reached.year, reached.year + 1]))


def _sensitive() -> set[int]:
    """Patients of whom any table with health data has a row, found by the data map."""
    found: set[int] = set()
    for model in our_models():
        if not getattr(model, "PRIVACY", {}).get(Sensitivity.HEALTH):
            continue
        for path in paths_to_patient(model):
            if path:
                rows = model._base_manager.exclude(**{path: None}).order_by()
                found |= set(rows.values_list(path, flat=True).distinct())
    alive = Patient.objects.filter(person__vault_key__destroyed_at=None)
    return {head or pk for pk, head in alive.values_list("pk", "merged_into") if pk in found}


def _minors(on: date) -> tuple[int, int]:
    """Those under fourteen, and those from fourteen to seventeen; without a birth date nobody is guessed."""
    young = older = 0
    people = Person.objects.filter(
        vault_key__destroyed_at=None,
        patient__isnull=False,
        patient__canary=None,
        patient__merged_into=None,
    )
    for person in people.select_related("vault_key").iterator(chunk_size=500):
        birth = person.birth_date
        if birth is None:
            continue
        age = age_on(birth, on)
        young += age < CHILD.age
        older += CHILD.age <= age < ADULT.age
    return young, older
