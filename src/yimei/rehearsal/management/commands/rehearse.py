"""``yimei rehearse``: fill an empty database with the synthetic hospital."""

import gc
import json
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from yimei.rehearsal.actions.fill import OFFERED, fill
from yimei.rehearsal.rules import shapes


class Command(BaseCommand):
    """Thin entry: reads the clock, calls one action, says what was made."""

    help = "彩排：在空数据库里做一家合成的医院 / Fill an empty database with a synthetic hospital"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--size", choices=OFFERED, default="s", help="规模 / size")
        parser.add_argument("--seed", type=int, default=1, help="随机种子 / seed")
        parser.add_argument("--json", action="store_true", help="只打印 JSON / print JSON only")
        parser.add_argument(
            "--truth", type=Path, metavar="FILE", help="写下真实参数 / write the true parameters"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)  # rows come and go by the million: looking for cycles takes a tenth
        made = fill(
            size=options["size"],
            seed=options["seed"],
            now=timezone.now(),
            accounts=settings.VAR_DIR / "demo.json",
            progress=self._progress if sys.stderr.isatty() else lambda share: None,
        )
        seconds = round(time.monotonic() - started, 1)
        if options["truth"]:
            truth = {"size": options["size"], "seed": options["seed"], **shapes.truth()}
            options["truth"].write_text(json.dumps(truth, ensure_ascii=False, indent=1), "utf-8")
        if options["json"]:
            figures = {"customers": made.customers, "steps": made.steps, "refusals": made.refusals}
            self.stdout.write(json.dumps(figures | {"seconds": seconds}, ensure_ascii=False))
            return
        text = _("彩排完成：%(customers)d 位客户，%(steps)d 步，用时 %(seconds)s 秒。")
        self.stdout.write(text % {"customers": made.customers, "steps": made.steps, "seconds": seconds})
        for reason, count in made.refusals.most_common():
            self.stdout.write(_("　拒绝 %(count)d 次：%(reason)s") % {"count": count, "reason": reason})

    def _progress(self, share: float) -> None:
        self.stderr.write(f"\r{share:6.1%}", ending="")
