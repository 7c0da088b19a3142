from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.core.clock import local_date, local_day
from yimei.privacy.actions import erasure
from yimei.privacy.enums import Answer
from yimei.privacy.queries.erasure import due, plan


class Command(BaseCommand):
    """Erases what is over; says beforehand what would go."""

    help = gettext_lazy("删除保存期限已满的个人信息；--dry-run 只列出将要删除的内容。")  # type: ignore[assignment]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help=_("只列出，不删除"))
        parser.add_argument(
            "--on", type=date.fromisoformat, help=_("按这一天计算（YYYY-MM-DD），须与 --dry-run 同用")
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if not options["dry_run"]:
            if options["on"]:
                raise CommandError(_("--on 只能与 --dry-run 同用：期满之前不得删除。"))
            self.stdout.write(_("已删除 %(count)d 人的资料。") % {"count": erasure.finish_due(now=now)})
            return
        on = options["on"] or local_date(now)
        moment = max(now, local_day(on)[0])
        count = waiting = 0
        for each in due(on):
            today = plan(each.patient, moment)
            waits = bool(today.pending) or today.is_held
            count, waiting = count + (not waits), waiting + waits
            gone = sum(line.count for line in today.lines if line.answer == Answer.ERASE)
            words = {
                "key": each.patient.person.vault_key.public_id,
                "why": {
                    "sealed": _("封存期满"),
                    "held": _("争议终结"),
                    "record": _("病历期满"),
                    "lead": _("咨询线索期满"),
                }[each.period],
                "since": each.since,
                "rows": gone,
                "waits": _("，有未结束的事项，暂缓") if waits else "",
            }
            self.stdout.write(_("%(key)s %(why)s（%(since)s）：%(rows)d 条%(waits)s") % words)
        self.stdout.write(_("%(day)s 将删除 %(count)d 人的资料。") % {"day": on, "count": count})
        if waiting:
            self.stdout.write(_("另有 %(count)d 人有未结束的事项，暂缓。") % {"count": waiting})
