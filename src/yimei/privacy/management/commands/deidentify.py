import json
import secrets
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.core.management.files import USAGE_ERROR, FileCommand
from yimei.core.rules.tables import csv_text

PROFILES = ("pipl", "gdpr", "hipaa")
SHORTEST_KEY = 16


class Command(FileCommand):
    """Takes the people out of a table; writes it and a report, or nothing."""

    help = gettext_noop(
        "去标识化一张表：直接标识符、准标识符、敏感项、自由文本分别处理，达到 k-匿名与 l-多样性"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="IN.csv", help=_("输入的 CSV，- 表示标准输入"))
        parser.add_argument("--out", required=True, metavar="OUT.csv", help=_("写到哪里"))
        parser.add_argument("--profile", required=True, choices=PROFILES, help=_("按哪部法律处理"))
        parser.add_argument("--k", type=int, default=10, help=_("每组至少多少人，默认 10"))
        parser.add_argument("--l", type=int, default=2, help=_("每组敏感项至少几种取值，默认 2"))
        parser.add_argument("--report", metavar="R.json", help=_("把报告写到这个文件"))
        parser.add_argument("--key-file", help=_("假名的密钥文件；不给则每次随机，用后即弃"))

    def handle(self, *args: Any, **options: Any) -> None:
        from yimei.privacy.rules.deidentify.release import release_gate

        if options["k"] < 1 or options["l"] < 1:
            raise CommandError(_("--k 与 --l 都应不小于 1。"), returncode=USAGE_ERROR)
        table = self.read_table(options["file"])
        result = release_gate(
            table.header,
            table.rows,
            profile=options["profile"],
            today=timezone.localdate(),
            key=self._key(options["key_file"]),
            k=options["k"],
            l=options["l"],
            tell=self.tell,
        )
        self.tell("")
        report = json.dumps(result.report, ensure_ascii=False, indent=2) + "\n"
        files: dict[str, str | bytes] = {options["out"]: csv_text(result.header, result.rows)}
        if options["report"]:
            files[options["report"]] = report
        self.write_all(files)
        self.stdout.write(
            json.dumps(result.report, ensure_ascii=False) if options["json"] else summary(result.report)
        )

    def _key(self, name: str | None) -> bytes:
        if name is None:
            return secrets.token_bytes(32)
        key = self.read(name)
        if len(key) < SHORTEST_KEY:
            raise CommandError(
                _("密钥文件太短，至少 %(n)d 字节。") % {"n": SHORTEST_KEY}, returncode=USAGE_ERROR
            )
        return key


def summary(report: dict[str, Any]) -> str:
    words = {
        "rows": report["rows_out"],
        "gone": report["suppressed_rows"],
        "cells": report["suppressed_cells"],
        "k": report["k"],
        "l": report["l"] if report["l"] is not None else "-",
        "risk": report["residual_risk"]["prosecutor_max"],
    }
    return (
        _("写出 %(rows)d 行，去掉 %(gone)d 行、%(cells)d 格；k=%(k)s，l=%(l)s，最大重识别风险 %(risk).3f")
        % words
    )
