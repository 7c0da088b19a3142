"""Sources of tables, the machines they may lie on, how far each was fetched."""

from django.db.models import QuerySet

from yimei.core.enums import JobStatus
from yimei.core.models import Job
from yimei.insight.enums import ImportStatus
from yimei.insight.models import AllowedHost, DataSource, ImportBatch
from yimei.people.models import Staff


def hosts() -> QuerySet[AllowedHost]:
    return AllowedHost.objects.select_related("by")


def allowed() -> frozenset[str]:
    return frozenset(AllowedHost.objects.values_list("name", flat=True))


def sources(by: Staff) -> QuerySet[DataSource]:
    return DataSource.objects.visible_to(by).filter(closed_at=None).select_related("asked_by")


def job_key(source: DataSource) -> str:
    return f"insight.source:{source.public_id}:{source.attempt}"


def is_fetching(source: DataSource) -> bool:
    unfinished = [JobStatus.WAITING, JobStatus.RUNNING]
    return Job.objects.filter(key=job_key(source), status__in=unfinished).exists()


def fetching(found: list[DataSource]) -> set[str]:
    """The keys of those that are being fetched; one query for a page."""
    unfinished = [JobStatus.WAITING, JobStatus.RUNNING]
    wanted = [job_key(source) for source in found]
    return set(Job.objects.filter(key__in=wanted, status__in=unfinished).values_list("key", flat=True))


def newest(found: list[DataSource]) -> dict[int, ImportBatch]:
    """The newest import of each source."""
    rows = ImportBatch.objects.filter(source__in=found).order_by("source", "at", "pk")
    return {batch.source_id: batch for batch in rows if batch.source_id is not None}


def until(source: DataSource) -> str:
    """How far the rows taken in from a source reach; an import that is undone is fetched again."""
    done = ImportBatch.objects.filter(source=source, status=ImportStatus.DONE).select_related("vault_key")
    batch = done.order_by("-ran_at", "-pk").first()
    return (batch.until or "") if batch else ""
