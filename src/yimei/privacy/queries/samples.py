"""What the rows of an audit's sample say of themselves, so that they can be judged; no name of a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from yimei.audit.models import Entry
from yimei.core.clock import SHANGHAI, local_date
from yimei.privacy.models import AuditSample, Consent, RightsRequest
from yimei.privacy.queries.watch import watched

INSTANT = timedelta(microseconds=1)
"""A deadline ends with its day, that is where the next one begins."""


@dataclass(frozen=True)
class Drawn:
    """One row of a sample as the auditor judges it: what it is, and what was wrong with it."""

    key: str
    text: str
    where: str
    why: str


def described(sample: AuditSample) -> list[Drawn]:
    """What each drawn row says of itself; a row that is gone by now is shown as gone. Two queries."""
    found = {"consents": _consents, "requests": _requests, "looks": _looks}[sample.kind](sample.ids)
    gone = (_("已按期限删除"), "")
    return [Drawn(key, *found.get(key, gone), sample.bad.get(key, "")) for key in sample.ids]


def _consents(ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    rows = Consent.objects.filter(public_id__in=ids).select_related("purpose", "notice")
    words = _("%(at)s %(purpose)s：%(act)s，%(channel)s，告知第 %(n)d 版，%(proof)s")
    return {
        str(row.public_id): (
            words
            % {
                "at": minute(row.at),
                "purpose": row.purpose.name,
                "act": row.get_act_display(),
                "channel": row.get_channel_display(),
                "n": row.notice.version,
                "proof": _("有证据文件") if row.evidence_id else _("没有证据文件"),
            },
            "",
        )
        for row in rows
    }


def _requests(ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    words = _("%(at)s %(kind)s：%(state)s，期限 %(due)s")
    return {
        str(row.public_id): (
            words
            % {
                "at": minute(row.received_at),
                "kind": row.get_kind_display(),
                "state": row.get_status_display(),
                "due": f"{local_date(row.due_at - INSTANT):%Y-%m-%d}",
            },
            f"desk:request:{row.public_id}",
        )
        for row in RightsRequest.objects.filter(public_id__in=ids)
    }


def _looks(ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    lines = watched(Entry.objects.filter(seq__in=[int(key) for key in ids]))
    words = _("%(at)s %(who)s %(kind)s %(file)s，用途 %(purpose)s")
    return {
        f"{line.entry.seq:012d}": (
            words
            % {
                "at": minute(line.entry.at),
                "who": line.who or "—",
                "kind": line.kind,
                "file": line.file_no or "—",
                "purpose": line.purpose or _("没有写明"),
            },
            "",
        )
        for line in lines
    }


def minute(at: datetime) -> str:
    """A moment as papers say it, in Shanghai."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
