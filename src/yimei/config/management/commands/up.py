import argparse
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.config.up import Options, up


class Command(BaseCommand):
    help = gettext_noop("迁移数据库，启动网页和后台任务")
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help=_("监听的地址（默认 127.0.0.1）"))
        parser.add_argument("--port", type=_port, default=8000, help=_("监听的端口（默认 8000）"))
        parser.add_argument("--no-demo", action="store_true", help=_("数据库为空时不制作彩排医院"))
        parser.add_argument(
            "--stand-ins", action="store_true", help=_("外部系统由本机代替：邮件写入 var/mail")
        )

    def handle(self, *args: Any, **options: Any) -> None:
        demo = settings.DEVELOPMENT and not options["no_demo"]
        up(Options(host=options["host"], port=options["port"], demo=demo, stand_ins=options["stand_ins"]))


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(_("端口是 1 到 65535 之间的整数"))
    return int(text)
