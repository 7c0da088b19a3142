"""Finding people: search, duplicates, who may operate, what waits for review."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, prefetch_related_objects
from django.db.models.functions import Coalesce

from yimei.core import names, phone
from yimei.core.errors import Missing, NotFound, RuleBroken
from yimei.hospital.enums import Field, Grade
from yimei.people.access import cares_for, may_see_clinical, need
from yimei.people.enums import CapacityKind, TokenKind
from yimei.people.models import (
    Alert,
    BreakGlass,
    CapacityFinding,
    Guardian,
    MinorLook,
    Patient,
    PermissionOffer,
    Role,
    SearchToken,
    Staff,
    StaffSession,
)
from yimei.people.registry import number
from yimei.people.roles import APPROVERS, SEED_GRANTS, Permission, Scope
from yimei.people.rules import capacity, glass, privileges, sessions
from yimei.people.rules import search as rules
from yimei.vault import blind

DUPLICATE_KINDS = (TokenKind.ID_NO, TokenKind.PHONE, TokenKind.NAME)
"""From the strongest sign of one person to the weakest."""
EXACT_KINDS = frozenset({TokenKind.PHONE, TokenKind.ID_NO, TokenKind.FILE_NO})
NAMING_KINDS = frozenset({TokenKind.NAME, TokenKind.NAME_PREFIX, TokenKind.INITIALS})
"""Words that are a name: beside an alias they would say whose it is (ADR 97)."""


JUST = timedelta(hours=1)


@dataclass(frozen=True)
class Duplicate:
    """Somebody who may be the same person; says enough to recognise her, not to learn who she is."""

    public_id: UUID
    name: str
    phone: str
    file_no: str
    campus: str
    owner: str
    reasons: tuple[TokenKind, ...]


def search(text: str, *, by: Staff, limit: int = 20) -> list[Patient]:
    """Return the newest patients found by phone, last four digits, name, initials, identity or file no.

    Each person once: whatever file a word leads to, the file that stands for her is shown.
    """
    word = rules.read_query(text)
    if word is None:
        return []
    files = matching(*word, by=by).annotate(stands=Coalesce("merged_into", "pk"))
    found = files.values("stands")[:limit]
    return list(Patient.objects.with_person().filter(pk__in=found).order_by("-person_id"))


def find_exact(text: str, *, by: Staff) -> Patient | None:
    """Return the one patient of a whole phone, identity or file number, whoever cares for her.

    The door to an emergency look (紧急访问): only for those who may see charts, and it opens no chart.
    """
    need(by, Permission.CLINICAL_VIEW)
    word = rules.read_query(text)
    if word is None or word[0] not in EXACT_KINDS:
        return None
    token = blind.token(word[0].value, word[1])
    holders = Patient.objects.with_person().kept().filter(person__tokens__token=token)
    return holders.order_by("-id").first()


def possible_duplicates(
    phone_no: str, name: str, id_no: str, *, by: Staff | None = None, limit: int = 5
) -> list[Duplicate]:
    """Return who may already be here, the strongest sign first, masked because they may be others' customers.

    A name alone tells only about those whom the reader may find anyway.
    """
    words = {
        TokenKind.ID_NO: "".join(id_no.split()).upper(),
        TokenKind.PHONE: _written_phone(phone_no),
        TokenKind.NAME: rules.fold(name),
    }
    found: dict[int, tuple[Patient, list[TokenKind]]] = {}
    for kind in DUPLICATE_KINDS:
        if not words[kind]:
            continue
        token = blind.token(kind.value, words[kind])
        holders = Patient.objects.with_person().kept().select_related("online")
        holders = holders.filter(person__tokens__token=token)
        if kind == TokenKind.NAME:
            known = Q(pk__in=list(found))
            holders = holders.filter(
                known | Q(pk__in=Patient.objects.visible_to(by).named_to(by)) if by else known
            )
        for patient in holders.order_by("-id")[:limit]:
            found.setdefault(patient.pk, (patient, []))[1].append(kind)
    return [_duplicate(patient, tuple(reasons)) for patient, reasons in list(found.values())[:limit]]


def files_like(patient: Patient, *, kinds: Mapping[TokenKind, str]) -> list[str]:
    """Return the numbers of other files on which all of these words stand."""
    if not all(kinds.values()):
        return []
    rows = (
        Patient.objects.counted().kept().exclude(pk=patient.pk).exclude(file_no=None).filter(sealed_at=None)
    )
    for kind, word in kinds.items():
        rows = rows.filter(person__tokens__token=blind.token(kind.value, word))
    return sorted(str(number) for number in rows.values_list("file_no", flat=True).distinct())


def has_just_typed(patient: Patient, *, by: Staff, now: datetime) -> bool:
    """Whether a reader wrote these words within the hour, so that seeing them again tells her nothing."""
    return patient.created_by_id == by.pk and now - patient.created_at < JUST


def may_see_alerts(patient: Patient, *, by: Staff, now: datetime) -> bool:
    """Safety flags are for those who care for the patient, clinicians or not, and for the chart's readers."""
    return may_see_clinical(by, patient, now) or cares_for(by, patient)


def open_alerts(patient: Patient, *, by: Staff, now: datetime) -> list[Alert]:
    """Return the safety flags that count now, the severe first."""
    return alerts_of(patient) if may_see_alerts(patient, by=by, now=now) else []


def alerts_of(patient: Patient) -> list[Alert]:
    """The same once it is decided that the reader may see them."""
    rows = Alert.objects.open().filter(patient__in=Patient.objects.files_of(patient))
    alerts = list(rows.select_related("recorded_by"))
    for alert in alerts:
        if alert.patient_id == patient.pk:
            alert.patient = patient
    elsewhere = [alert for alert in alerts if alert.patient_id != patient.pk]
    prefetch_related_objects(elsewhere, "patient__person__vault_key")
    return alerts


def needs_guardian(patient: Patient, on: date, *, found: frozenset[str] | None = None) -> bool:
    """Whether somebody must answer for this patient on a day; a page hands down what was ``found`` of her."""
    return capacity_on(patient, on, found=found) != capacity.Capacity.FULL


def capacity_kinds(patient: Patient) -> frozenset[str]:
    """What was found about a patient's capacity and counts."""
    findings = CapacityFinding.objects.filter(
        patient__in=Patient.objects.files_of(patient), ended_at=None
    ).order_by()
    rows = findings.values_list("kind", "approved_at")
    return frozenset(kind for kind, approved in rows if approved is not None or kind == CapacityKind.LIMITED)


def capacity_on(patient: Patient, on: date, *, found: frozenset[str] | None = None) -> capacity.Capacity:
    """Return a patient's capacity on a day: by age, and by what was found besides."""
    kinds = capacity_kinds(patient) if found is None else found
    return capacity.capacity_of(
        patient.head.person.birth_date,
        on,
        is_limited=CapacityKind.LIMITED in kinds,
        has_own_income=CapacityKind.OWN_INCOME in kinds,
    )


def needing_guardian(patients: Iterable[Patient], on: date) -> set[int]:
    """The same for many at once: those of these files for whose person somebody must answer; one query."""
    files = list(patients)
    heads = {file.head_id for file in files}
    kinds: dict[int, set[str]] = {head: set() for head in heads}
    hers = Q(patient__in=heads) | Q(patient__merged_into__in=heads)
    rows = CapacityFinding.objects.filter(hers, ended_at=None).order_by()
    person = Coalesce("patient__merged_into", "patient")
    for head, kind, approved in rows.values_list(person, "kind", "approved_at"):
        if approved is not None or kind == CapacityKind.LIMITED:
            kinds[head].add(kind)
    return {
        file.pk
        for file in files
        if capacity.capacity_of(
            file.head.person.birth_date,
            on,
            is_limited=CapacityKind.LIMITED in kinds[file.head_id],
            has_own_income=CapacityKind.OWN_INCOME in kinds[file.head_id],
        )
        != capacity.Capacity.FULL
    }


def capacity_findings_of(patient: Patient) -> list[CapacityFinding]:
    """Return what was found about somebody's capacity, the newest first."""
    rows = CapacityFinding.objects.filter(patient__in=Patient.objects.files_of(patient))
    people = ("recorded_by", "approved_by", "ended_by", "patient__person__vault_key")
    return list(rows.select_related(*people))


def guardians_of(patient: Patient) -> list[Guardian]:
    """Return who answers for somebody, whichever of her files it was written in."""
    rows = Guardian.objects.filter(patient__in=Patient.objects.files_of(patient))
    return list(rows.select_related("person__vault_key", "patient__person__vault_key", "verified_by"))


def proved_guardians(patient: Patient) -> QuerySet[Guardian]:
    """Those whose papers were seen."""
    rows = Guardian.objects.filter(patient__in=Patient.objects.files_of(patient))
    return rows.exclude(verified_at=None).select_related("person__vault_key").order_by("id")


def missing_to_operate(
    staff: Staff, *, field: Field, grade: Grade, on: date, where: str = ""
) -> list[Missing]:
    """Return what keeps this physician from operating in a field at a grade on a day."""
    return privileges.missing_to_operate(
        staff.licences.all(), staff.privileges.all(), field=field, grade=grade, on=on, where=where
    )


def missing_for_responsible(staff: Staff, *, field: Field, on: date, where: str = "") -> list[Missing]:
    return privileges.missing_for_responsible(staff.licences.all(), field=field, on=on, where=where)


def break_glasses_awaiting(by: Staff) -> QuerySet[BreakGlass]:
    """Return the emergency looks that nobody has judged yet, the most urgent first."""
    glasses = BreakGlass.objects.visible_to(by).awaiting_review()
    return glasses.select_related("patient__person__vault_key", "staff").order_by("review_due_at")


def minor_looks(by: Staff) -> QuerySet[MinorLook]:
    """Return the looks at minors' charts that the reader asked for or may judge, those that wait first."""
    looks = MinorLook.objects.visible_to(by).with_people()
    return looks.order_by(F("judged_at").desc(nulls_first=True), "-asked_at")


def minor_looks_waiting(by: Staff) -> int:
    """How many wait for this reader's word."""
    waiting = MinorLook.objects.visible_to(by).filter(judged_at=None).exclude(staff=by)
    return waiting.count() if by.may(Permission.PRIVACY_WRITE) or by.role_code in APPROVERS else 0


def open_sessions(staff: Staff) -> QuerySet[StaffSession]:
    return StaffSession.objects.filter(staff=staff, ended_at=None).order_by("-seen_at")


def session_behind(session_key: str) -> StaffSession | None:
    """Return the sign-in of the browser at hand."""
    return StaffSession.objects.filter(key_hash=sessions.key_hash(session_key), ended_at=None).first()


def staff_list(*, by: Staff, text: str = "", role: str = "") -> QuerySet[Staff]:
    """Return the accounts that the reader looks after, those still working first."""
    found = (
        Staff.objects.visible_to(by)
        .select_related("department")
        .order_by("-is_active", "campus", "role", "name")
    )
    if text:
        found = found.filter(Q(name__icontains=text) | Q(username__icontains=text))
    return found.filter(role__code=role) if role else found


def roles() -> QuerySet[Role]:
    return Role.objects.prefetch_related("grants").order_by("pk")


def open_role(code: str, *, lock: bool = False) -> Role:
    """Return a role by its code, with its grants."""
    found = Role.objects.filter(code=code[:24])
    if lock:
        found = found.select_for_update()
    role = found.prefetch_related("grants").first()
    if role is None:
        raise NotFound
    return role


def roles_with_people() -> QuerySet[Role]:
    """Return every role with how many people work in it."""
    return roles().annotate(people=Count("staff", filter=Q(staff__is_active=True)))


def open_offers() -> list[tuple[Permission, list[tuple[Role, Scope]]]]:
    """Return the new permissions that wait for an answer, each with the roles it ships for."""
    offers = PermissionOffer.objects.filter(answered_at=None, waits_for=None)
    waiting = offers.values_list("permission", flat=True)
    standing = list(roles())
    return [(Permission(one), _suggested(Permission(one), standing)) for one in waiting if one in Permission]


def own_role_offers() -> QuerySet[PermissionOffer]:
    """Return what administrators asked for their own role, until another person decides."""
    asked = PermissionOffer.objects.filter(answered_at=None, waits_for__isnull=False)
    asked = asked.filter(permission__in=Permission.values)
    return asked.select_related("waits_for", "asked_by")


def suggested_for(permission: Permission) -> list[tuple[Role, Scope]]:
    """Return the standing roles that get a permission in a new hospital, with the scope."""
    return _suggested(permission, roles())


def _suggested(permission: Permission, standing: Iterable[Role]) -> list[tuple[Role, Scope]]:
    seeds = {str(code): grants[permission] for code, grants in SEED_GRANTS.items() if permission in grants}
    return [(role, seeds[role.code]) for role in standing if role.code in seeds]


def matching(kind: TokenKind, value: str, *, by: Staff) -> QuerySet[Patient]:
    """Return the visible patients of a word, newest first, by the index that fits the reader's scope."""
    token = blind.token(kind.value, value)
    patients = Patient.objects.visible_to(by)
    if kind in NAMING_KINDS:
        patients = patients.named_to(by)
    scope = by.scope_of(Permission.PATIENT_VIEW)
    if scope in {Scope.OWN, Scope.DEPARTMENT} and kind not in rules.SELECTIVE:
        # A frequent word, few own patients: walk the patients, not the word.
        hits = SearchToken.objects.filter(token=token, person=OuterRef("person"))
        return patients.filter(Exists(hits)).order_by("-person_id")
    at_campus = {"person__tokens__campus": by.campus_id} if scope == Scope.CAMPUS else {}
    found = patients.filter(person__tokens__token=token, **at_campus)
    return found.order_by("-person__tokens__person_id")


def shares_number(patient: Patient) -> bool:
    """Whether somebody else is known by the same number; says nothing of who."""
    number = patient.person.phone
    if not number:
        return False
    token = blind.token(TokenKind.PHONE.value, number)
    others = Patient.objects.counted().filter(person__tokens__token=token, sealed_at=None)
    return others.exclude(pk__in=Patient.objects.files_of(patient)).exists()


def _written_phone(text: str) -> str:
    try:
        return phone.normalise(text) if text.strip() else ""
    except RuleBroken:
        return ""


def _duplicate(patient: Patient, reasons: tuple[TokenKind, ...]) -> Duplicate:
    owner = patient.consultant or patient.online
    return Duplicate(
        public_id=patient.public_id,
        name=names.mask(patient.person.name),
        phone=phone.mask(patient.person.phone),
        file_no=patient.file_no or "",
        campus=patient.campus.name,
        owner=owner.name if owner else "",
        reasons=reasons,
    )


def glass_numbers(on: date) -> dict[str, int]:
    """How long looks outside one's care last today, and when they are judged: what their pages say."""
    return {one.name.lower(): number(one, on) for one in glass.Number}
