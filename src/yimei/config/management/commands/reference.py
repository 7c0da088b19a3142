from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.config import reference


class Command(BaseCommand):
    help = gettext_noop("补齐随程序发布的参考资料，本院改过的不动（up 会自动运行）")

    def handle(self, *args: Any, **options: Any) -> None:
        added = reference.load(now=timezone.now())
        if added:
            rows = "、".join(f"{part} {count}" for part, count in added.items())
            self.stdout.write(_("已补齐参考资料：%(rows)s。") % {"rows": rows})
        else:
            self.stdout.write(_("参考资料已经齐全。"))
