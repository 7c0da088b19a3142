"""Signed heads of the log, kept in a file outside the database's reach."""

import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.utils.translation import gettext as _

from yimei.audit.models import Entry
from yimei.core.errors import RuleBroken
from yimei.vault import ciphers
from yimei.vault.keys import system_secret


@dataclass(frozen=True)
class Checkpoint:
    """The log's last line at one moment."""

    seq: int
    hash: str
    at: str
    signature: str

    def is_genuine(self) -> bool:
        return hmac.compare_digest(
            self.signature.encode(errors="replace"), _signature(self.seq, self.hash, self.at).encode()
        )


def append(path: Path, *, now: datetime) -> Checkpoint:
    """Add the present head to the file, synced to disk."""
    last = Entry.objects.order_by("-seq").values("seq", "hash").first()
    if last is None:
        raise RuleBroken(_("审计记录还是空的，没有可以导出的检查点。"))
    at = now.astimezone(UTC).isoformat(timespec="seconds")
    signature = _signature(last["seq"], last["hash"], at)
    checkpoint = Checkpoint(last["seq"], last["hash"], at, signature)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(vars(checkpoint)) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return checkpoint


def read(path: Path) -> Mapping[int, Checkpoint]:
    """Return the file's checkpoints by number; a line that is none is refused with its place."""
    found: dict[int, Checkpoint] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
            checkpoint = Checkpoint(
                int(values["seq"]), str(values["hash"]), str(values["at"]), str(values["signature"])
            )
        except (ValueError, KeyError, TypeError):
            text = _("%(path)s 第 %(line)d 行不是检查点。")
            raise RuleBroken(text % {"path": path, "line": number}) from None
        earlier = found.get(checkpoint.seq)
        if earlier is None or earlier.is_genuine():
            found[checkpoint.seq] = checkpoint
    return found


def _signature(seq: int, head: str, at: str) -> str:
    algorithm, secret = system_secret("audit-checkpoint")
    return ciphers.mac(algorithm, secret, f"{seq}|{head}|{at}".encode(errors="replace")).hex()
