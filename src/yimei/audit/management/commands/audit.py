import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.audit import chain, checkpoints
from yimei.audit.actions import seals
from yimei.core.errors import RuleBroken


class Command(BaseCommand):
    """Proves the log, and carries its head out of the database."""

    help = gettext_lazy(  # type: ignore[assignment]
        "审计记录：校验是否被改动，导出签名的检查点。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        verify = commands.add_parser("verify", help=_("逐条校验；发现改动时退出码为 1 并指出第一条"))
        verify.add_argument(
            "--checkpoint", type=Path, metavar="FILE", help=_("同时对照库外保存的检查点，能发现截断和重算")
        )
        verify.add_argument("--json", action="store_true", help=_("输出 JSON"))
        commands.add_parser("seal", help=_("把尚未封签的记录封签；后台任务每 10 分钟执行一次"))
        save = commands.add_parser("checkpoint", help=_("把当前末条的摘要和签名追加到文件，请每天存到库外"))
        save.add_argument("file", type=Path, metavar="FILE", help=_("检查点文件"))

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["command"] == "checkpoint":
                self._checkpoint(options["file"])
            elif options["command"] == "seal":
                self._seal()
            else:
                self._verify(options["checkpoint"], as_json=options["json"])
        except RuleBroken as error:
            raise CommandError(error.message, returncode=2) from error
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(_("无法读写检查点文件：%(error)s") % {"error": error}, returncode=2) from error

    def _checkpoint(self, file: Path) -> None:
        made = seals.checkpoint(file, now=timezone.now())
        self.stdout.write(
            f"seq={made.seq} hash={made.hash}" + (f" stamped={made.stamp.at:%FT%TZ}" if made.stamp else "")
        )
        if settings.AUDIT_TSA_URL and not made.token:
            self.stderr.write(_("检查点已写入，但没有拿到第三方时间戳；原因见程序日志。"))

    def _seal(self) -> None:
        made = seals.seal(now=timezone.now())
        self.stdout.write(f"seal={made.number} first={made.first} last={made.last}" if made else "sealed")

    def _verify(self, file: Path | None, *, as_json: bool) -> None:
        verdict = chain.verify(checkpoints.read(file) if file else None)
        self.stdout.write(json.dumps(asdict(verdict)) if as_json else str(verdict))
        if not verdict.is_sound:
            raise SystemExit(1)
