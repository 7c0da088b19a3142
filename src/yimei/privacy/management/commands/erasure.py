from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.privacy.actions import erasure, restoring


class Command(BaseCommand):
    """The deletion ledger: after a restore, what was erased is erased again."""

    help = gettext_lazy("删除台账：恢复备份之后重新删除与封存；up 启动时自动执行 catch-up。")  # type: ignore[assignment]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "action",
            choices=["reapply", "catch-up"],
            help=_("reapply：按台账重新执行；catch-up：发现恢复过备份才执行"),
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "catch-up":
            if lines := restoring.catch_up(now=timezone.now()):
                text = _("发现恢复过备份：此后的 %(count)d 次删除与封存已重新执行。")
                self.stdout.write(text % {"count": lines})
            return
        count = erasure.reapply(now=timezone.now())
        self.stdout.write(_("已按删除台账重新处理 %(count)d 人。") % {"count": count})
