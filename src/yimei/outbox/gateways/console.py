"""The development channel: each message is one line of a file that only this account may read."""

import json
import os
import uuid
from collections.abc import Collection
from pathlib import Path

from django.conf import settings

from yimei.outbox.gateways.base import GatewayRefused


class FileGateway:
    """Writes bodies in clear, so it says no in a real hospital."""

    party = ""

    def send(self, to: str, subject: str, body: str, stop: str = "") -> str:
        if not settings.DEVELOPMENT:
            raise GatewayRefused("development-only")
        ref = uuid.uuid4().hex
        line = json.dumps({"ref": ref, "to": to, "subject": subject, "body": body}, ensure_ascii=False) + "\n"
        target = self.path()
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(handle, line.encode())
        finally:
            os.close(handle)
        return ref

    @classmethod
    def forget(cls, refs: Collection[str]) -> None:
        """Take the lines of these messages out of the file."""
        target = cls.path()
        if not refs or not target.exists():
            return
        lines = target.read_text(encoding="utf-8").splitlines(keepends=True)
        rest = [line for line in lines if json.loads(line)["ref"] not in refs]
        fresh = target.with_suffix(".part")
        fresh.touch(mode=0o600)
        fresh.write_text("".join(rest), encoding="utf-8")
        os.replace(fresh, target)

    @staticmethod
    def path() -> Path:
        return Path(settings.VAR_DIR) / "outbox" / "messages.jsonl"
