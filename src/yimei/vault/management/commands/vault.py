import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.core.errors import RuleBroken
from yimei.vault import keys, masters, queries


class Command(BaseCommand):
    """State and rotation of the master key."""

    help = gettext_lazy(  # type: ignore[assignment]
        "保险库：查看密钥状态，轮换主密钥。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help=_("输出 JSON"))
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("status", help=_("密钥数量、已销毁数量、主密钥、待轮换数量"))
        rotate = commands.add_parser("rotate", help=_("换用新的主密钥并重新包裹全部密钥；中断后再执行即续做"))
        rotate.add_argument(
            "--forget-old", action="store_true", help=_("完成后删除旧主密钥：此前的备份将无法打开")
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = self._rotate(**options) if options["command"] == "rotate" else queries.status()
        except (masters.MasterKeyError, RuleBroken) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False))
            return
        for name, value in report.items():
            self.stdout.write(f"{name}={value}")

    def _rotate(self, *, forget_old: bool, **_options: Any) -> dict[str, Any]:
        show = self.stderr.isatty()
        total = queries.live_count()

        def progress(done: int) -> None:
            if show:
                self.stderr.write(f"{done}/{total}", ending="\r")

        count = keys.rotate_master(progress=progress)
        if forget_old:
            keys.forget_old_masters()
        return {"rewrapped": count, **queries.status()}
