"""Signed heads of the log, kept in a file outside the database's reach."""

import base64
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from yimei.audit.gateways import timestamps
from yimei.audit.gateways.timestamps import Stamp
from yimei.audit.models import Entry
from yimei.core.errors import RuleBroken
from yimei.vault import ciphers
from yimei.vault.keys import system_secret

STAMPED_WITHIN = timedelta(hours=1)
"""Between our signature and the time stamp over it: a head signed anew years later has the wrong year."""


@dataclass(frozen=True)
class Checkpoint:
    """The log's last line at one moment, signed by us and, where there is one, by a time stamp authority."""

    seq: int
    hash: str
    at: str
    signature: str
    token: str = ""
    """RFC 3161, base64."""

    def is_genuine(self) -> bool:
        """Whether we signed it, and nobody changed it or its time stamp."""
        ours = hmac.compare_digest(
            self.signature.encode(errors="replace"), _signature(self.seq, self.hash, self.at).encode()
        )
        return ours and (not self.token or self.stamp is not None)

    @property
    def stamp(self) -> Stamp | None:
        """What the time stamp says; nothing without one, or when it does not hold."""
        if not self.token:
            return None
        try:
            token = base64.b64decode(self.token, validate=True)
            found = timestamps.check(token, self.signature.encode(), roots=_roots())
            is_near = abs(found.at - datetime.fromisoformat(self.at)) <= STAMPED_WITHIN
        except (RuleBroken, ValueError, TypeError):
            return None
        return found if is_near and (found.is_trusted or not _roots()) else None


def make(*, now: datetime) -> Checkpoint:
    """Sign the present head."""
    last = Entry.objects.order_by("-seq").values("seq", "hash").first()
    if last is None:
        raise RuleBroken(_("审计记录还是空的，没有可以导出的检查点。"))
    at = now.astimezone(UTC).isoformat(timespec="seconds")
    return Checkpoint(last["seq"], last["hash"], at, _signature(last["seq"], last["hash"], at))


def stamped(checkpoint: Checkpoint, *, url: str) -> Checkpoint:
    """The same with a time stamp over our signature, and so over number, hash and time."""
    token = timestamps.request(checkpoint.signature.encode(), url=url, roots=_roots())
    return replace(checkpoint, token=base64.b64encode(token).decode())


def append(path: Path, checkpoint: Checkpoint) -> None:
    """Add a checkpoint to the file, synced to disk."""
    values = {name: value for name, value in vars(checkpoint).items() if value != ""}
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(values) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read(path: Path) -> Mapping[int, Checkpoint]:
    """Return the file's checkpoints by number; a line that is none is refused with its place."""
    found: dict[int, Checkpoint] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
            checkpoint = Checkpoint(
                int(values["seq"]),
                str(values["hash"]),
                str(values["at"]),
                str(values["signature"]),
                str(values.get("token", "")),
            )
        except (ValueError, KeyError, TypeError):
            text = _("%(path)s 第 %(line)d 行不是检查点。")
            raise RuleBroken(text % {"path": path, "line": number}) from None
        earlier = found.get(checkpoint.seq)
        is_stronger = earlier is not None and (
            not earlier.is_genuine() or (bool(earlier.token) and checkpoint.is_genuine())
        )
        if not is_stronger:  # of two for one line the false one counts, then the stamped one
            found[checkpoint.seq] = checkpoint
    return found


def _signature(seq: int, head: str, at: str) -> str:
    algorithm, secret = system_secret("audit-checkpoint")
    return ciphers.mac(algorithm, secret, f"{seq}|{head}|{at}".encode(errors="replace")).hex()


def _roots() -> Path | None:
    return Path(settings.AUDIT_TSA_ROOTS) if settings.AUDIT_TSA_ROOTS else None
