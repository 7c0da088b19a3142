"""What the gate against subtraction adds to an answer: over so many visits, beside so many answers."""

import resource
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import parse_qsl

from django.test.utils import override_settings

from yimei.insight.gateways import reader
from yimei.insight.gateways.store import Store
from yimei.insight.models import AnsweredQuestion
from yimei.insight.queries import figures, told
from yimei.insight.queries.figures import answer
from yimei.insight.rules.dashboards import READY
from yimei.insight.rules.questions import Question, parse
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.rehearsal.bench.dashboards import CATEGORIES, SOURCES, TODAY, fill, reader_of
from yimei.rehearsal.bench.scratch import scratch_database

EARLIER = 262


def run(n: int) -> dict[str, Any]:
    """Answer a month's questions of one reader, then pages for whoever is watched and for whoever is not."""
    folder = Path(tempfile.mkdtemp(prefix="yimei-bench-"))
    try:
        with scratch_database(), override_settings(VAR_DIR=folder):
            fill(Store(folder / "mart"), n)
            free, watched = reader_of("director", Permission.INSIGHT_SIGN), reader_of("analyst")
            alone = [_timed(question, free) for question in _questions()]
            figures.forget()
            first = [_timed(question, watched) for question in _questions()]
            told.forget()
            figures.forget()
            reader.forget()
            fresh = _timed(_asked("m=bookings&by1=source&c=bar&span=365&f.sex=F"), watched)
            pages = {by: [_page(page.tiles, by) for page in READY.values()] for by in (free, watched)}
            kept = AnsweredQuestion.objects.count()
            again = [_page(page.tiles, watched) for page in READY.values()]
    finally:
        reader.forget()
        told.forget()
        shutil.rmtree(folder, ignore_errors=True)
    adds = sorted(late - early for late, early in zip(first, alone, strict=True))
    return {
        "name": "answers",
        "n": n,
        "asked": len(first),
        "kept": kept,
        "adds_p50_ms": round(adds[len(adds) // 2], 1),
        "adds_p95_ms": round(adds[len(adds) * 95 // 100], 1),
        "after_new_books_ms": round(fresh, 1),
        "page_p95_ms": round(max(pages[free]), 1),
        "page_watched_p95_ms": round(max(pages[watched]), 1),
        "page_watched_again_p95_ms": round(max(again), 1),
        "max_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _questions() -> list[Question]:
    """A month of an analyst's curiosity about one fact."""
    found = []
    for number in range(EARLIER):
        start = TODAY - timedelta(days=90 + number * 3)
        by = ("", "&by1=source", "&by1=month", "&by1=sex&by2=hour")[number % 4]
        kind = CATEGORIES[number % len(CATEGORIES)], SOURCES[number % len(SOURCES)]
        only = ("", f"&f.category={kind[0]}", f"&f.source={kind[1]}")[number % 3]
        found.append(_asked(f"m=bookings&span=own&from={start}&to={TODAY}{by}{only}"))
    return found


def _asked(text: str) -> Question:
    return parse(dict(parse_qsl(text)), today=TODAY)


def _timed(question: Question, by: Staff) -> float:
    begun = perf_counter()
    answer(question, by=by)
    return (perf_counter() - begun) * 1000


def _page(tiles: tuple[str, ...], by: Staff) -> float:
    return sum(_timed(_asked(text), by) for text in tiles)
