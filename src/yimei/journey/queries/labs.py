"""Whose result a row of a laboratory's file is, and what may be done with it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.hospital.enums import TestKind
from yimei.journey.enums import CaseStage, LabRowStatus
from yimei.journey.models import Case, LabImport, LabRow, TestOrder, TestReport
from yimei.journey.rules import labs as rules
from yimei.journey.rules import tests as test_rules
from yimei.journey.rules.units import same_unit
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission
from yimei.vault import files


@dataclass(frozen=True)
class Wanted:
    """Where one row goes: the order, the value, and when the sample was taken."""

    order: TestOrder
    value: str
    finding: str
    taken_at: datetime
    is_known: bool = False
    """The same result of the same sample is there already, from before or from a row above."""


Told = tuple[datetime, str, str]
"""What a result says: when the sample was taken, its number, its words."""


@dataclass(frozen=True)
class Known:
    """The patients, open orders and results that a file speaks of, read once; rows taken in add to it."""

    patients: Mapping[str, Patient]
    orders: Mapping[int, Sequence[TestOrder]] = field(default_factory=dict)
    told: dict[int, set[Told]] = field(default_factory=dict)

    def keep(self, wanted: Wanted) -> None:
        said = (wanted.taken_at, wanted.value, wanted.finding)
        self.told.setdefault(wanted.order.pk, set()).add(said)


@dataclass(frozen=True)
class Judged:
    """One row before it is taken in: what it says, and what would become of it."""

    number: int
    cells: Mapping[str, str]
    reason: str = ""
    is_known: bool = False


@dataclass(frozen=True)
class Tally:
    """How many rows went into the charts, wait to be mended, or were there already; left out besides."""

    taken: int = 0
    waiting: int = 0
    known: int = 0
    left_out: int = 0


def imports(by: Staff) -> QuerySet[LabImport]:
    """Return the files of the reader's campus with how many rows wait, newest first."""
    waiting = Count("rows", filter=Q(rows__status=LabRowStatus.REJECTED))
    taken = Count("rows", filter=Q(rows__status__in=[LabRowStatus.ACCEPTED, LabRowStatus.REPAIRED]))
    known = Count("rows", filter=Q(rows__status=LabRowStatus.KNOWN))
    found = LabImport.objects.visible_to(by).select_related("by")
    return found.annotate(waiting=waiting, taken=taken, known=known).order_by("-at")


def table_of(lab_import: LabImport) -> rules.Table:
    return rules.read_table(files.read(lab_import.file))


def preview(lab_import: LabImport, mapping: Mapping[str, int], *, by: Staff, now: datetime) -> list[Judged]:
    """Judge every row as it would be taken in after those above it; nothing is written."""
    table = table_of(lab_import)
    rows = [(n, rules.cells_of(row, mapping)) for n, row in enumerate(table.rows, start=2)]
    known = known_to([cells for _number, cells in rows], by=by)
    found = []
    for number, cells in rows:
        try:
            wanted = judge(cells, known, now=now)
        except RuleBroken as refusal:
            found.append(Judged(number, cells, refusal.message))
            continue
        known.keep(wanted)
        found.append(Judged(number, cells, is_known=wanted.is_known))
    return found


def tally_of(judged: Iterable[Judged]) -> Tally:
    """Count what a file would bring, before it is taken in."""
    rows = list(judged)
    waiting, known = sum(bool(each.reason) for each in rows), sum(each.is_known for each in rows)
    return Tally(taken=len(rows) - waiting - known, waiting=waiting, known=known)


def tally(lab_import: LabImport) -> Tally:
    """Count what became of the rows of a file that was taken in."""
    counts = Counter(lab_import.rows.values_list("status", flat=True))
    return Tally(
        taken=counts[LabRowStatus.ACCEPTED] + counts[LabRowStatus.REPAIRED],
        waiting=counts[LabRowStatus.REJECTED],
        known=counts[LabRowStatus.KNOWN],
        left_out=counts[LabRowStatus.DISMISSED],
    )


def known_to(rows: Iterable[Mapping[str, str]], *, by: Staff) -> Known:
    """Read whom a file speaks of, within the reader's reach: three queries, whatever it holds."""
    numbers = {cells.get("file_no", "").upper() for cells in rows}
    cases = Case.objects.visible_to(by, Permission.TEST_WRITE)
    patients = {
        str(patient.file_no): patient
        for patient in Patient.objects.with_person().filter(file_no__in=numbers, cases__in=cases).distinct()
    }
    orders: dict[int, list[TestOrder]] = {}
    open_orders = (
        TestOrder.objects.filter(
            case__in=cases, case__patient__in=[row.pk for row in patients.values()], cancelled_at=None
        )
        .exclude(case__stage__in=[CaseStage.CLOSED, CaseStage.LOST])
        .select_related("test", "case__patient")
        .order_by("-case__opened_at", "pk")
    )
    with_key = {row.pk: row for row in patients.values()}
    for order in open_orders.prefetch_related("results"):
        order.case.patient = with_key[order.case.patient_id]
        orders.setdefault(order.case.patient_id, []).append(order)
    known = Known(patients, orders)
    for order in (each for found in orders.values() for each in found):
        for result in order.results.all():
            result.order = order
            known.keep(Wanted(order, result.value, result.finding, result.taken_at))
    return known


def judge(cells: Mapping[str, str], known: Known, *, now: datetime) -> Wanted:
    """Return where a row goes, or say why it goes nowhere; name and number must both be the patient's."""
    rules.check_whole(cells)
    patient = known.patients.get(cells["file_no"].upper())
    if patient is None:
        raise RuleBroken(_("没有这个档案号，或不在您可以录入的范围内。"))
    person = patient.person
    test_rules.check_bearer(
        name=cells["name"],
        number=cells.get("id_no", "") or cells["file_no"],
        is_name=person.name,
        file_no=patient.file_no,
        id_no=person.id_no,
        sex=rules.read_sex(cells.get("sex", "")),
        is_sex=person.sex,
    )
    order = _order(cells["test"], known.orders.get(patient.pk, ()))
    if not same_unit(cells.get("unit", ""), order.test.unit):
        raise RuleBroken(
            _("单位「%(given)s」与本院的「%(ours)s」不同，不能直接入库。")
            % {"given": cells["unit"], "ours": order.test.unit}
        )
    taken_at = rules.read_taken(cells["taken"])
    test_rules.check_taken(local_date(taken_at), today=local_date(now))
    told = known.told.get(order.pk, set())
    later = {at for at, _value, _finding in told if at >= taken_at}
    if later and taken_at not in later:
        raise RuleBroken(_("已有采样更晚的结果，这一行较旧，没有入库。"))
    if order.test.kind == TestKind.NUMBER:
        value, finding = str(test_rules.read_number(cells["value"])), ""
    else:
        value, finding = "", cells["value"].strip()
    return Wanted(order, value, finding, taken_at, is_known=(taken_at, value, finding) in told)


def waiting_rows(lab_import: LabImport) -> Sequence[LabRow]:
    """Return the rows that somebody has to mend or to leave out."""
    return list(lab_import.rows.filter(status=LabRowStatus.REJECTED).select_related("lab_import__vault_key"))


def reports_of(case: Case) -> Sequence[TestReport]:
    """Return the originals of a case, the newest first, void ones included."""
    rows = case.test_reports.select_related("by", "voided_by").prefetch_related("results__order__test")
    found = list(rows)
    for row in found:
        row.case = case
    return found


def days_left(lab_import: LabImport, today: date) -> int:
    """In how many days the file ends, mended or not."""
    return max((local_date(lab_import.at) - today).days + KEEP_DAYS, 0)


KEEP_DAYS = 30


def _order(name: str, orders: Sequence[TestOrder]) -> TestOrder:
    wanted = rules.base_name(name)
    for order in orders:
        if wanted in {rules.base_name(order.test.code), rules.base_name(order.test.name)}:
            return order
    raise RuleBroken(_("这位客户没有开具「%(name)s」。") % {"name": name[:40]})
