import json
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.rehearsal import bench


class Command(BaseCommand):
    help = gettext_noop("在临时数据库里测量速度，输出一行 JSON；不触碰真实数据")
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help=_("测什么：%(names)s") % {"names": "、".join(benchmarks())})
        parser.add_argument("--n", type=int, default=1_000_000, help=_("多少行数据"))

    def handle(self, *args: Any, **options: Any) -> None:
        name, n = options["name"], options["n"]
        if name not in benchmarks():
            known = "、".join(benchmarks())
            raise CommandError(
                _("没有「%(name)s」这项测量，可选：%(known)s。") % {"name": name, "known": known}
            )
        if n < 1:
            raise CommandError(_("--n 应大于 0。"))
        result = import_module(f"{bench.__name__}.{benchmarks()[name]}").run(n)
        self.stdout.write(json.dumps(result, ensure_ascii=False))


def benchmarks() -> dict[str, str]:
    """The module of each name; one that is a word of Python ends in an underscore."""
    found = sorted(module.name for module in iter_modules(bench.__path__) if module.name != "scratch")
    return {name.rstrip("_"): name for name in found}
