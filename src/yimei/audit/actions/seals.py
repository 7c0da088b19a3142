"""Closing the log: a seal over what is new, and once a day a signed checkpoint outside the database."""

import logging
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import chain, checkpoints, seals
from yimei.audit.checkpoints import Checkpoint
from yimei.audit.models import Entry, Seal
from yimei.core.database.locks import lock
from yimei.core.errors import RuleBroken

logger = logging.getLogger(__name__)


def seal(*, now: datetime) -> Seal | None:
    """Close what was written since the last seal; a log that does not follow is refused, not sealed.

    Read before the transaction, so that a long stretch keeps no writer waiting: lines never change.
    """
    previous = Seal.objects.order_by("-number").first()
    first = previous.last + 1 if previous else 1
    made = Seal(
        number=previous.number + 1 if previous else 1,
        first=first,
        last=first - 1,
        at=now,
        algorithm=settings.VAULT_ALGORITHM,
    )
    tree = seals.Tree(made.algorithm)
    head = Entry.objects.filter(seq=first - 1).values_list("hash", flat=True).first() or chain.GENESIS
    for stretch in chain.stretches(first - 1, head):
        tree.add(stretch.hashes)
        made.last += len(stretch.hashes)
        if stretch.reason:
            text = _("审计记录从第 %(seq)d 条起不连续或被改动，没有封签；请先运行 yimei audit verify。")
            raise RuleBroken(text % {"seq": made.last + 1}, code="broken")
    if made.last < first:
        return None
    made.root = tree.root()
    made.mac = seals.sign(made, previous)
    with transaction.atomic():
        lock("audit.seal")
        if Seal.objects.filter(number=made.number).exists():
            return None
        made.save(force_insert=True)
    return made


def checkpoint(file: Path, *, now: datetime) -> Checkpoint:
    """Seal what is new and add the signed head to a file outside the database.

    Where a time stamp authority is named (AUDIT_TSA_URL) its token goes beside our signature. One that does
    not answer costs the token of that night, never the checkpoint: the page and `yimei doctor` say so.
    """
    seal(now=now)
    made = checkpoints.make(now=now)
    if settings.AUDIT_TSA_URL:
        try:
            made = checkpoints.stamped(made, url=settings.AUDIT_TSA_URL)
        except RuleBroken as refused:
            logger.warning("the checkpoint has no time stamp: %s", refused.message)
    checkpoints.append(file, made)
    return made
