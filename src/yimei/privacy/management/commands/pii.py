import json
from collections.abc import Iterable
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.core.management.files import FileCommand, shown
from yimei.core.rules.tables import decode
from yimei.privacy.rules.pii import Entity, find


class Command(FileCommand):
    """Finds personal details in a text file; prints JSON."""

    help = gettext_noop("找出文本里的个人信息：姓名、电话、证件号、地址等，附位置与把握；输出 JSON")

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", help=_("文本文件（UTF-8 或 GBK），- 表示标准输入"))
        parser.add_argument("--lines", action="store_true", help=_("每行单独检查，每行输出一个 JSON"))

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["file"]
        text, _encoding = decode(self.read(name), file=shown(name))
        if not options["lines"]:
            with self.progress(_("检查 %(count)d 个字") % {"count": len(text)}):
                entities = find(text)
            self.stdout.write(as_json(entities))
            return
        lines = text.split("\n")
        if lines and not lines[-1]:
            lines.pop()
        for number, line in enumerate(lines, 1):
            entities = find(line.removesuffix("\r"))
            self.stdout.write(as_json(entities))
            self.progress_at(number, len(lines))


def as_json(entities: Iterable[Entity]) -> str:
    rows = [
        {"type": each.kind, "start": each.start, "end": each.end, "text": each.text, "score": each.score}
        for each in entities
    ]
    return json.dumps({"entities": rows}, ensure_ascii=False)
