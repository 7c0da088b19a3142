"""What the queue calls: each reads the clock and calls one action."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from django.utils import timezone

from yimei.core import jobs
from yimei.insight.actions import cleaning, duplicates, imports, mart, sources, views
from yimei.insight.actions.reports import schedules

jobs.every("yimei.insight.mart", "yimei.insight.tasks.increment", minutes=10)
jobs.every("yimei.insight.mart_full", "yimei.insight.tasks.rebuild", cron="20 3 * * *")
jobs.every("yimei.insight.reports", "yimei.insight.tasks.write_reports", cron="10 6 * * *")
jobs.every("yimei.insight.duplicates", "yimei.insight.tasks.look_for_duplicates", cron="50 2 * * *")
jobs.every("yimei.insight.imports", "yimei.insight.tasks.clear_imports", cron="40 3 * * *")


@jobs.handler("insight.mart.build", atomic=False)
def build(payload: Mapping[str, Any]) -> None:
    mart.follow(now=timezone.now())


def increment() -> int:
    return mart.build(now=timezone.now()).customers


def rebuild() -> int:
    return mart.build(now=timezone.now(), full=True).customers


@jobs.handler("insight.import.work", atomic=False)
def work(payload: Mapping[str, Any]) -> None:
    imports.work(UUID(payload["import"]), now=timezone.now(), say=partial(jobs.progress, payload))


@jobs.handler("insight.import.outliers", atomic=False)
def outliers(payload: Mapping[str, Any]) -> None:
    cleaning.look_for_outliers(UUID(payload["import"]), now=timezone.now())


@jobs.handler("insight.source.fetch", atomic=False)
def fetch(payload: Mapping[str, Any]) -> None:
    sources.fetch(UUID(payload["source"]), now=timezone.now())


@jobs.handler("insight.views.refresh", atomic=False)
def refresh_views(payload: Mapping[str, Any]) -> None:
    views.refresh(now=timezone.now())


def clear_imports() -> int:
    return imports.clear_expired(now=timezone.now())


def write_reports() -> int:
    return schedules.run_due(now=timezone.now())


def look_for_duplicates() -> int:
    return duplicates.look_for_duplicates(now=timezone.now())
