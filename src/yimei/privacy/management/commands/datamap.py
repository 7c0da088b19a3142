from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.core.clock import local_date
from yimei.privacy.queries import record
from yimei.privacy.queries.datamap import datamap, datamap_problems

FORMATS = {"md": record.as_markdown, "csv": record.as_csv, "json": record.as_json}


class Command(BaseCommand):
    """Prints the record of processing from the code."""

    help = gettext_lazy("打印个人信息处理活动记录：每个字段的分类、目的、依据、保存期限。")  # type: ignore[assignment]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=sorted(FORMATS), default="md", help=_("输出格式，默认 md"))
        parser.add_argument(
            "--json", action="store_const", const="json", dest="format", help=_("等同于 --format json")
        )

    def handle(self, *args: Any, **options: Any) -> None:
        problems = datamap_problems()
        if problems:
            raise CommandError(_("数据地图不完整：%(what)s") % {"what": "; ".join(problems)})
        text = FORMATS[options["format"]](datamap(local_date(timezone.now())))
        self.stdout.write(text, ending="")
