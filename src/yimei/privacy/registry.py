"""What each part keeps about people; parts register from their ``holdings`` module."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from django.db.models import Model

from yimei.core.errors import Missing
from yimei.people.models import Guardian, Patient, Staff
from yimei.people.roles import Permission
from yimei.privacy.enums import Anchor, ProofState

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

Export = Callable[[Patient], Iterable[Mapping[str, object]]]
Erase = Callable[[Patient, datetime], int]
"""Takes a person out of what a part keeps, and says of how many rows; running it again changes nothing."""
Anchors = Callable[[Collection[int]], Mapping[int, Mapping[Anchor, date]]]
"""Patients' numbers → the days from which their periods run, in a fixed number of queries."""
Disputes = Callable[[Collection[int]], Mapping[int, str]]
"""Patients' numbers → what is in dispute with them; nothing of theirs is deleted until it is settled."""
Pending = Callable[[Patient, datetime], Iterable[Missing]]
"""What must come to its end before anything of this person is erased or sealed."""
Running = Callable[[Patient, datetime], Iterable[Missing]]
"""What beside that goes on under a restriction, for the safety of whoever was treated."""


@dataclass(frozen=True)
class Holding:
    """One processing activity: which data, whose, what for, how long, who gets it, how it is protected.

    Without an `export` of its own, the data map says what leaves; `erase` does what emptying columns cannot.
    """

    code: str
    title: str
    categories: tuple[str, ...]
    subjects: tuple[str, ...]
    purpose_codes: tuple[str, ...]
    retention_code: str
    recipients: tuple[str, ...]
    security: tuple[str, ...]
    export: Export | None = None
    erase: Erase | None = None
    anchors: Anchors | None = None
    pending: Pending | None = None
    disputes: Disputes | None = None
    running: Running | None = None


_holdings: dict[str, Holding] = {}


def holding(
    code: str,
    *,
    title: str,
    categories: Iterable[str] = (),
    subjects: Iterable[str] = (),
    purpose_codes: Iterable[str] = (),
    retention_code: str = "",
    recipients: Iterable[str] = (),
    security: Iterable[str] = (),
    export: Export | None = None,
    erase: Erase | None = None,
    anchors: Anchors | None = None,
    pending: Pending | None = None,
    disputes: Disputes | None = None,
    running: Running | None = None,
) -> Holding:
    """Register one holding; a code belongs to one holding only."""
    if code in _holdings:
        raise ValueError(f"holding {code} is registered twice")
    _holdings[code] = Holding(
        code=code,
        title=title,
        categories=tuple(categories),
        subjects=tuple(subjects),
        purpose_codes=tuple(purpose_codes),
        retention_code=retention_code,
        recipients=tuple(recipients),
        security=tuple(security),
        export=export,
        erase=erase,
        anchors=anchors,
        pending=pending,
        disputes=disputes,
        running=running,
    )
    return _holdings[code]


def all_holdings() -> tuple[Holding, ...]:
    return tuple(_holdings[code] for code in sorted(_holdings))


def find(code: str) -> Holding | None:
    return _holdings.get(code)


def for_model(model: type[Model]) -> Holding:
    """Return the holding that a model names; a model without one is an error of its author."""
    code = getattr(model, "HOLDING", "")
    found = _holdings.get(code)
    if found is None:
        raise LookupError(f"{model._meta.label} names the holding {code!r}, which nobody registered")
    return found


@dataclass(frozen=True)
class Use:
    """One thing of this hospital that stands on a rule: a clock, a number, a control, a notice."""

    kind: str
    what: str
    where: str = ""
    is_running: bool = False
    """A clock that runs already keeps its end, whatever the new rule says (T-1)."""


Uses = Callable[[Collection[str], datetime], Iterable[Use]]
"""Codes of rules and now → what of this hospital they touch."""
_uses: list[Uses] = []


def uses_of_rules(find: Uses) -> Uses:
    """Register what a room keeps that follows from rules, for the list of what an update changes."""
    if find not in _uses:
        _uses.append(find)
    return find


def uses(codes: Collection[str], now: datetime) -> list[Use]:
    return [use for find in _uses for use in find(codes, now)]


class Sent(Protocol):
    """What the messenger answers: the message's number and, when it may not go, why."""

    public_id: UUID
    status: str
    reason: str


class Messenger(Protocol):
    """The one gate for outgoing messages, which stands above this part."""

    def __call__(
        self,
        template_code: str,
        *,
        patient: Patient,
        params: Mapping[str, str],
        key: str,
        now: datetime,
        by: Staff | None = None,
        guardian: Guardian | None = None,
    ) -> Sent: ...


class Bell(Protocol):
    """Puts one line into the bell of a member of staff."""

    def __call__(self, staff: Staff, text: str, *, key: str, now: datetime, where: str = "") -> object: ...


_messenger: list[Messenger] = []
_bell: list[Bell] = []


def use_messenger(messenger: Messenger) -> None:
    """Name the action that sends a message to a person; the outbox does, at start."""
    _messenger[:] = [messenger]


def messenger() -> Messenger:
    return _messenger[0]


def use_bell(bell: Bell) -> None:
    _bell[:] = [bell]


def bell() -> Bell:
    return _bell[0]


# ---- erased once more after a restore --------------------------------------------------------------

Forget = Callable[[UUID, datetime], bool]
_forgetters: list[Forget] = []


def forgets(again: Forget) -> Forget:
    """Register what erases a row under a key of no customer's once more; says whether it was there again."""
    if again not in _forgetters:
        _forgetters.append(again)
    return again


def forgetters() -> tuple[Forget, ...]:
    return tuple(_forgetters)


class Expire(Protocol):
    """Lets go of what is over by its date alone."""

    def __call__(self, *, now: datetime) -> int: ...


_expiring: list[Expire] = []


def expires(forget: Expire) -> Expire:
    """Register what goes by its date alone, each night: after a restore it goes again at once."""
    if forget not in _expiring:
        _expiring.append(forget)
    return forget


def expiring() -> tuple[Expire, ...]:
    return tuple(_expiring)


# ---- lists that may leave ---------------------------------------------------------------------------


@dataclass(frozen=True)
class ExportRow:
    """One line of a list, and whose data it holds."""

    subject: UUID
    values: Mapping[str, str]


@dataclass(frozen=True)
class ExportSource:
    """One list of a part that may leave the program, always through ``actions.exports``."""

    code: str
    title: "_StrOrPromise"
    columns: Mapping[str, "_StrOrPromise"]
    permission: Permission
    keys: tuple[str, ...]
    """Names of the filters it understands."""
    holdings: tuple[str, ...]
    """The kinds of data in it, as the data map calls them; a recipient must be listed for each."""
    rows: Callable[[Staff, Mapping[str, str], datetime, int], list[ExportRow]]
    """Reader, filters, now, how many at most; within the reader's scope and as the reader may see them."""


_sources: dict[str, ExportSource] = {}


def export_source(source: ExportSource) -> None:
    """Register one list; a code belongs to one list only."""
    if source.code in _sources:
        raise ValueError(f"export source {source.code} is registered twice")
    _sources[source.code] = source


def export_sources() -> tuple[ExportSource, ...]:
    return tuple(_sources[code] for code in sorted(_sources))


def find_export_source(code: str) -> ExportSource | None:
    return _sources.get(code)


@dataclass(frozen=True)
class Proof:
    """What a live test of a control found."""

    state: ProofState
    text: str
    count: int = 0


@dataclass(frozen=True)
class Control:
    """One live test: which of the ten measures and which rules it proves, and where its evidence lies."""

    code: str
    title: "_StrOrPromise"
    measure: int
    rules: tuple[str, ...]
    where: str
    test: Callable[[datetime], Proof]


_controls: dict[str, Control] = {}


def control(
    code: str, title: "_StrOrPromise", *, measure: int, rules: Iterable[str], where: str = ""
) -> Callable[[Callable[[datetime], Proof]], Callable[[datetime], Proof]]:
    """Register a function that really checks a control; parts above register theirs at start."""

    def register(test: Callable[[datetime], Proof]) -> Callable[[datetime], Proof]:
        _controls[code] = Control(code, title, measure, tuple(rules), where, test)
        return test

    return register


def controls() -> tuple[Control, ...]:
    return tuple(sorted(_controls.values(), key=lambda one: (one.measure, one.code)))


Counter = Callable[[], int]
_counters: dict[str, Counter] = {}


def counter(code: str) -> Callable[[Counter], Counter]:
    """Register how many persons something is kept of (faces, say), counted by the part that keeps it."""

    def register(count: Counter) -> Counter:
        _counters[code] = count
        return count

    return register


def count_of(code: str) -> int | None:
    """The count of a part above; nothing when none of them keeps such data."""
    return _counters[code]() if code in _counters else None


# ---- what programs work out about people (PIPL 24) --------------------------------------------------


@dataclass(frozen=True)
class Judged:
    """What one program says of one person today and why, in words that she can read."""

    said: str
    reasons: tuple[str, ...] = ()
    is_by_people: bool = False
    """She asked for a person's judgement: the program is silent about her."""


@dataclass(frozen=True)
class Program:
    """One program that judges people: what it reads, what follows, what it says and how it is silenced."""

    code: str
    title: "_StrOrPromise"
    holding: str
    reads: "_StrOrPromise"
    effect: "_StrOrPromise"
    judged: Callable[[Collection[UUID]], list[Judged]]
    """A person's opaque keys → what it says of her."""
    stop: Callable[[Collection[UUID], Staff | None, datetime], int]
    """Keeps it from judging her any more; doing so again changes nothing."""


_programs: dict[str, Program] = {}


def program(judging: Program) -> None:
    """Register one program that judges people; parts above do, at start."""
    _programs[judging.code] = judging


def programs() -> tuple[Program, ...]:
    return tuple(_programs[code] for code in sorted(_programs))


# ---- what guardians held in the parts above ----------------------------------------------------------

End = Callable[[Patient, datetime], int]
"""Ends what a part still holds out to the guardians of somebody who is of age now; returns how much."""
_ends: dict[str, End] = {}


def majority_end(code: str) -> Callable[[End], End]:
    """Register what a part must end on the eighteenth birthday; within the same transaction."""

    def register(end: End) -> End:
        _ends[code] = end
        return end

    return register


def majority_ends() -> tuple[tuple[str, End], ...]:
    return tuple(sorted(_ends.items()))
