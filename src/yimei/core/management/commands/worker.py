from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils.translation import gettext_lazy

from yimei.core import jobs


class Command(BaseCommand):
    """The queue's own worker, after the timetable has been brought up to date."""

    help = gettext_lazy(  # type: ignore[assignment]
        "启动后台任务进程：先更新定时任务表，再开始处理队列。"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        jobs.sync_schedules()
        call_command("qcluster")
