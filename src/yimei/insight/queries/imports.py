"""Tables that were brought: how far each has come, what its rows say, whom a row would speak of."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from yimei.core.enums import JobStatus
from yimei.core.models import Job
from yimei.insight.enums import ImportStatus, RowStatus
from yimei.insight.models import HeadingChoice, ImportBatch, ImportBlock, RejectedRow
from yimei.insight.rules.imports.mapping import key_of
from yimei.insight.rules.imports.rows import Judge, Judged, masked
from yimei.insight.rules.imports.templates import TEMPLATES, Template
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


def template_of(batch: ImportBatch) -> Template:
    return TEMPLATES[batch.template]


def judge_of(batch: ImportBatch, *, today: date) -> Judge:
    return Judge(template_of(batch), batch.mapping, width=len(batch.sample["header"]), today=today)


def remembered(header: Sequence[str], template: Template) -> Mapping[str, str]:
    """Return what these headings were chosen to be before."""
    tokens = {heading_token(key): key for key in map(key_of, header) if key}
    rows = HeadingChoice.objects.filter(template=template.code, heading__in=list(tokens))
    return {tokens[bytes(row.heading)]: row.column for row in rows}


def heading_token(key: str) -> bytes:
    return blind.token("import.heading", key)


def person_token(kind: str, value: str) -> str:
    """The number under which somebody stands in what was taken in; only the house's key leads back."""
    return blind.token(f"import.person.{kind}", value).hex()


class Marks:
    """Gives every row its mark: the same row once more in a file is another one, in another file the same."""

    def __init__(self, template: str) -> None:
        self.kind = f"import.row.{template}"
        self.seen: Counter[bytes] = Counter()

    def of(self, judged: Judged) -> bytes:
        said = json.dumps([judged.facts, judged.person], ensure_ascii=False)
        first = blind.token(self.kind, said)
        self.seen[first] += 1
        again = self.seen[first]
        return first if again == 1 else blind.token(self.kind, f"{first.hex()}:{again}")


def marks_elsewhere(batch: ImportBatch) -> set[bytes]:
    """The marks of every row of this kind that another import has taken in."""
    others = ImportBlock.objects.filter(batch__template=batch.template).exclude(batch=batch)
    return split_marks(others.values_list("marks", flat=True).iterator(chunk_size=200))


def split_marks(blocks: Iterable[bytes | memoryview]) -> set[bytes]:
    size = blind.SIZE
    return {bytes(marks[at : at + size]) for marks in map(bytes, blocks) for at in range(0, len(marks), size)}


def facts(batch: ImportBatch, most: int = 0) -> Iterator[tuple[int, str | None, list[object]]]:
    """Yield the rows taken in: line, keyed number of the person, and what is kept."""
    count = 0
    for block in batch.blocks.select_related("batch__vault_key").iterator(chunk_size=20):
        for line, person, values in block.facts or ():
            yield line, person, values
            count += 1
            if count == most:
                return


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
