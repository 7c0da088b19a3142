import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.core.errors import NotFound, RuleBroken
from yimei.insight.actions import mart, views
from yimei.insight.queries.dictionary import markdown
from yimei.insight.queries.rights import at_work


class Command(BaseCommand):
    help = gettext_noop(
        "数据集市：build 更新（--full 从头重建），docs 打印字典与指标目录，views 发布 SQL 视图"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["build", "docs", "views"])
        parser.add_argument("--page", default="", help=_("views：哪块看板，例如 director"))
        parser.add_argument("--as", dest="by", default="", help=_("views：以谁的权限（用户名）"))
        parser.add_argument("--full", action="store_true", help=_("从头重建"))
        parser.add_argument("--json", action="store_true", help=_("输出一行 JSON"))

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "docs":
            if options["full"] or options["json"]:
                raise CommandError(_("docs 不带别的选项。"))
            self.stdout.write(markdown(), ending="")
            return
        if options["action"] == "views":
            self._views(options["page"], options["by"])
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

    def _views(self, page: str, username: str) -> None:
        """The figures of a page, by the rights of a named member of staff, to the database of VIEWS_URL."""
        by = at_work(username)
        if by is None:
            raise CommandError(_("没有这位员工，或者已经停用。"))
        try:
            names = views.publish(page, by=by, now=timezone.now())
        except (NotFound, RuleBroken) as refusal:
            raise CommandError(str(refusal)) from None
        for name in names:
            self.stdout.write(name)
