"""Tables that were brought: how far each has come, what its rows say, whom a row would speak of."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db.models import QuerySet

from yimei.core.enums import JobStatus
from yimei.core.models import Job
from yimei.insight.enums import ImportStatus, RowStatus
from yimei.insight.models import HeadingChoice, ImportBatch, ImportBlock, MarkShelf, RejectedRow
from yimei.insight.queries import cleaning
from yimei.insight.rules.imports.mapping import key_of
from yimei.insight.rules.imports.rows import Judge, Judged, masked
from yimei.insight.rules.imports.templates import DAYS, TEMPLATES, Template
from yimei.insight.rules.imports.values import EITHER, order_of, text
from yimei.people.models import Staff
from yimei.vault import blind

KEEP_DAYS = 30
"""How long a file and the rows that did not fit are kept."""


@dataclass(frozen=True)
class Progress:
    """How far the work in the queue has come."""

    done: int
    total: int
    has_failed: bool

    @property
    def percent(self) -> int:
        return min(100, self.done * 100 // self.total) if self.total else 0


def imports(by: Staff) -> QuerySet[ImportBatch]:
    return ImportBatch.objects.visible_to(by).select_related("by", "file_key")


def waiting_count(by: Staff) -> int:
    mine = ImportBatch.objects.visible_to(by).filter(cleared_at=None, status=ImportStatus.DONE)
    return RejectedRow.objects.filter(batch__in=mine, status=RowStatus.WAITING).count()


def job_key(batch: ImportBatch) -> str:
    return f"insight.import:{batch.public_id}:{batch.attempt}"


def progress(batch: ImportBatch) -> Progress:
    job = Job.objects.filter(key=job_key(batch)).first()
    if job is None:
        return Progress(0, batch.rows_total, has_failed=False)
    total = job.progress_total or batch.rows_total
    return Progress(job.progress_done or 0, total, job.status == JobStatus.FAILED)


def waiting_rows(batch: ImportBatch) -> QuerySet[RejectedRow]:
    return batch.rejects.filter(status=RowStatus.WAITING).select_related("batch__file_key")


def unread(batch: ImportBatch) -> tuple[str, list[str]] | None:
    """Return which sheet of a workbook is read and the filled ones that are not, if there are any."""
    others = batch.sample.get("unread")
    return (batch.sample["read"], others) if others else None


def template_of(batch: ImportBatch) -> Template:
    return TEMPLATES[batch.template]


def judge_of(batch: ImportBatch, *, today: date) -> Judge:
    return Judge(
        template_of(batch),
        batch.mapping,
        width=len(batch.sample["header"]),
        today=today,
        checks=cleaning.checks_of(batch.rules),
        lists=cleaning.lists(),
        orders=batch.orders,
    )


def remembered(header: Sequence[str], template: Template) -> Mapping[str, str]:
    """Return what these headings were chosen to be before."""
    tokens = {heading_token(key): key for key in map(key_of, header) if key}
    rows = HeadingChoice.objects.filter(template=template.code, heading__in=list(tokens))
    return {tokens[bytes(row.heading)]: row.column for row in rows}


def remembered_orders(
    header: Sequence[str], template: Template, mapping: Mapping[str, int]
) -> dict[str, str]:
    """Return in which order the days of these columns were said to be written before."""
    days = {one.name for one in template.columns if one.kind in DAYS}
    tokens = {
        heading_token(key): name
        for name, place in mapping.items()
        if name in days and (key := key_of(header[place]))
    }
    rows = HeadingChoice.objects.filter(template=template.code, heading__in=list(tokens)).exclude(order="")
    found = {tokens[bytes(row.heading)]: row for row in rows}
    return {name: row.order for name, row in found.items() if row.column == name}


def unsure_days(batch: ImportBatch) -> dict[str, int]:
    """Return the columns whose days may be read in two orders, and how many such days were seen: by the
    trial, before it among the first rows. Those whose order is known already are there as well.
    """
    days = [one.name for one in template_of(batch).columns if one.kind in DAYS and one.name in batch.mapping]
    profile = (batch.report or {}).get("profile") or ()
    counts = {one["column"]: one.get("orders", {}).get(EITHER, 0) for one in profile if one["column"] in days}
    for name in days:
        if name not in counts:
            place = batch.mapping[name]
            cells = [cells[place] for _line, cells in batch.sample["rows"] if place < len(cells)]
            counts[name] = sum(order_of(cell) == EITHER for cell in cells)
    return {name: counts[name] for name in days if counts[name] or name in batch.orders}


def heading_token(key: str) -> bytes:
    return blind.token("import.heading", key)


def person_token(kind: str, value: str) -> str:
    """The number under which somebody stands in what was taken in; only the house's key leads back."""
    return blind.token(f"import.person.{kind}", value).hex()


def person_tokens(judged: Sequence[Judged]) -> list[str | None]:
    """The same for many rows; nobody for rows that speak of nobody."""
    places: dict[str, list[int]] = {}
    for at, one in enumerate(judged):
        if one.person:
            places.setdefault(one.person[0], []).append(at)
    found: list[str | None] = [None] * len(judged)
    for kind, rows in places.items():
        words = (judged[at].person[1] for at in rows)  # type: ignore[index]
        for at, token in zip(rows, blind.tokens(f"import.person.{kind}", words), strict=True):
            found[at] = token.hex()
    return found


class Marks:
    """Gives every row its mark: the same row once more in a file is another one, in another file the same."""

    def __init__(self, template: str) -> None:
        self.kind = f"import.row.{template}"
        self.late = sum(column.is_late for column in TEMPLATES[template].columns)
        self.seen: dict[bytes, int] = {}

    def of(self, judged: Judged) -> bytes:
        return self.of_many([judged])[0]

    def _said(self, facts: Sequence[object]) -> Sequence[object]:
        """A row that says nothing of the late columns has the mark that it had before there were any."""
        late = self.late
        while late and facts[-1] is None:
            facts, late = facts[:-1], late - 1
        return facts

    def of_many(self, judged: Sequence[Judged]) -> list[bytes]:
        found = blind.tokens(
            self.kind,
            (
                "\x1f".join(map(str, (*(self._said(facts) if facts[-1] is None else facts), *(person or ()))))
                for facts, person in judged
            ),
        )
        for at, first in enumerate(found):
            again = self.seen[first] = self.seen.get(first, 0) + 1
            if again > 1:
                found[at] = blind.token(self.kind, f"{first.hex()}:{again}")
        return found


class Known:
    """Marks of rows that are there already: sixteen bytes each in order, not an object each."""

    def __init__(self, blocks: Iterable[bytes | memoryview]) -> None:
        import numpy as np

        self.marks = np.sort(np.frombuffer(b"".join(map(bytes, blocks)), dtype=f"S{blind.SIZE}"))

    @property
    def is_empty(self) -> bool:
        return not len(self.marks)

    def has(self, marks: Sequence[bytes]) -> list[bool]:
        import numpy as np

        if self.is_empty or not marks:
            return [False] * len(marks)
        asked = np.array(marks, dtype=self.marks.dtype)
        at = np.minimum(np.searchsorted(self.marks, asked), len(self.marks) - 1)
        found: list[bool] = (self.marks[at] == asked).tolist()
        return found


def marks_elsewhere(batch: ImportBatch) -> Known:
    """The marks of every row of this kind that another import has taken in."""
    others = ImportBlock.objects.filter(batch__template=batch.template).exclude(batch=batch)
    return Known(others.order_by().values_list("marks", flat=True).iterator(chunk_size=200))


def leaning_on(batch: ImportBatch) -> int:
    """How many later imports of this kind took rows for known that may stand in this one alone."""
    later = ImportBatch.objects.filter(template=batch.template, status=ImportStatus.DONE, known__gt=0)
    return later.filter(ran_at__gt=batch.ran_at).count()


def is_there(template: str, mark: bytes) -> bool:
    """Whether a row of this kind has been taken in, in whatever import."""
    shelves = MarkShelf.objects.filter(batch__template=template, first=mark[0]).order_by()
    blocks = ImportBlock.objects.filter(batch__template=template, batch__shelves=None).order_by()
    return any(
        Known(found.values_list("marks", flat=True).iterator(chunk_size=50)).has([mark])[0]
        for found in (shelves, blocks)
    )


def shelves_of(batch: ImportBatch) -> list[MarkShelf]:
    """The marks of an import by their first byte, ready to be kept."""
    marks = Known(batch.blocks.order_by().values_list("marks", flat=True)).marks.tobytes()
    whole = sorted(marks[at : at + blind.SIZE] for at in range(0, len(marks), blind.SIZE))
    return [
        MarkShelf(batch=batch, first=first, marks=b"".join(found))
        for first, found in groupby(whole, key=lambda mark: mark[0])
    ]


def facts(batch: ImportBatch, most: int = 0) -> Iterator[tuple[int, str | None, list[object]]]:
    """Yield the rows taken in: line, keyed number of the person, and what is kept and not excluded."""
    count, out = 0, cleaning.excluded(batch)
    width = len(cleaning.kept(template_of(batch)))
    for block in batch.blocks.select_related("batch__vault_key").iterator(chunk_size=20):
        for line, person, values in block.facts or ():
            values = [*values, *[None] * (width - len(values))]
            if line in out:
                if (places := out[line]) is None:
                    continue
                values = [None if at in places else value for at, value in enumerate(values)]
            yield line, person, values
            count += 1
            if count == most:
                return


def worded(template: Template, values: Sequence[object]) -> list[object]:
    """What a row keeps, its codes and its yes and no in words."""
    columns = cleaning.kept(template)
    words = [{code: said for code, said, _also in column.codes} for column in columns]
    plain = [text(value) if isinstance(value, bool) else value for value in values]
    return [known.get(str(value), value) for known, value in zip(words, plain, strict=True)]


def lines(batch: ImportBatch, wanted: Collection[int]) -> Iterator[tuple[int, list[object]]]:
    """Yield some of the rows taken in by their lines; who they speak of stays out."""
    among = set(wanted)
    for line, _person, values in facts(batch):
        if line in among:
            yield line, values


def shown(template: Template, mapping: Mapping[str, int], cells: Sequence[object]) -> list[str]:
    """The cells of the mapped columns as a screen may show them."""
    return [
        masked(column, cells[mapping[column.name]] if mapping[column.name] < len(cells) else "")
        for column in template.columns
        if column.name in mapping
    ]
