import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.config.doctor import Level, examine

MARKS = {Level.OK: "✓", Level.WARN: "!", Level.FAIL: "✗"}


class Command(BaseCommand):
    help = gettext_noop("检查环境与配置，每项一行；有必须处理的问题时退出码为 1")
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help=_("输出 JSON"))

    def handle(self, *args: Any, **options: Any) -> None:
        findings = []
        for finding in examine(now=timezone.now()):
            findings.append(finding)
            if not options["json"]:
                self.stdout.write(
                    f"{MARKS[finding.level]} {finding.level:<5} {finding.check:<11} {finding.text}"
                )
        failed = sum(finding.level is Level.FAIL for finding in findings)
        if options["json"]:
            report = {"ok": not failed, "checks": [finding.as_dict() for finding in findings]}
            self.stdout.write(json.dumps(report, ensure_ascii=False))
        if failed:
            raise CommandError(_("%(count)d 项必须处理。") % {"count": failed})
