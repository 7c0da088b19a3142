import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.insight.actions import mart
from yimei.insight.queries.dictionary import markdown


class Command(BaseCommand):
    help = gettext_noop("数据集市：build 更新（--full 从头重建），docs 打印字典与指标目录")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["build", "docs"])
        parser.add_argument("--full", action="store_true", help=_("从头重建"))
        parser.add_argument("--json", action="store_true", help=_("输出一行 JSON"))

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "docs":
            if options["full"] or options["json"]:
                raise CommandError(_("docs 不带别的选项。"))
            self.stdout.write(markdown(), ending="")
            return
        built = mart.build(now=timezone.now(), full=options["full"])
        if options["json"]:
            told = {
                "version": built.version,
                "kind": built.kind,
                "customers": built.customers,
                "rows": built.rows,
            }
            self.stdout.write(json.dumps(told))
            return
        text = _("数据集市已更新：%(kind)s，重读客户 %(customers)d 位，共 %(rows)d 行。")
        self.stdout.write(text % {"kind": built.kind.label, "customers": built.customers, "rows": built.rows})
