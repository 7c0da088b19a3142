from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.privacy.actions import erasure


class Command(BaseCommand):
    """The deletion ledger: after a restore, what was erased is erased again."""

    help = gettext_lazy("删除台账：恢复备份之后执行 reapply，重新删除与封存。")  # type: ignore[assignment]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["reapply"], help=_("reapply：按台账重新执行"))

    def handle(self, *args: Any, **options: Any) -> None:
        count = erasure.reapply(now=timezone.now())
        self.stdout.write(_("已按删除台账重新处理 %(count)d 人。") % {"count": count})
