"""One line of an exchange's log, read as people write it; what cannot be read is refused."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.utils.translation import gettext as _

from yimei.core import phone as phones
from yimei.core.clock import SHANGHAI
from yimei.core.errors import RuleBroken
from yimei.growth.enums import CallWay

MOST = 2000
COLUMNS = {
    "ref": {"通话编号", "编号", "流水号", "话单号", "id", "callid", "call_id", "uniqueid"},
    "number": {"对方号码", "客户号码", "号码", "电话", "手机", "phone", "number"},
    "way": {"方向", "呼叫方向", "类型", "呼叫类型", "direction"},
    "start": {"开始时间", "通话时间", "呼叫时间", "时间", "start", "starttime", "start_time"},
    "length": {"时长", "通话时长", "秒数", "duration", "billsec"},
    "result": {"结果", "状态", "通话状态", "接通", "result", "disposition", "status"},
    "agent": {"坐席", "员工", "坐席姓名", "agent", "user"},
}
NEEDED = ("number", "way", "start")
OUT = {"呼出", "去电", "外呼", "主叫", "拨出", "out", "outbound", "outgoing"}
IN = {"呼入", "来电", "被叫", "接入", "in", "inbound", "incoming"}
ANSWERED = {"接通", "已接", "已接通", "已接听", "是", "成功", "answered", "answer", "yes"}
MISSED = {
    "未接", "未接通", "无应答", "无人接听", "忙", "占线", "拒接", "失败", "否", "空号", "关机",
    "no answer", "noanswer", "busy", "failed", "missed", "no", "canceled", "cancelled",
}  # fmt: skip
SHAPES = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y%m%d%H%M%S", "%Y%m%d %H:%M:%S")
LONGEST = 24 * 3600
REF_LENGTH = 64


@dataclass(frozen=True)
class Call:
    ref: str
    number: str
    way: CallWay
    started_at: datetime
    seconds: int
    is_answered: bool
    agent: str


def names() -> str:
    """The columns without which there is no call, as a refusal says them."""
    return _("「对方号码」「方向」「开始时间」")


def read(line: Mapping[str, str], *, now: datetime) -> Call:
    """Return the call of one line; refuse in one sentence what it lacks."""
    number = phones.normalise(line.get("number", ""))
    way = _way(line.get("way", ""))
    start = _moment(line.get("start", ""))
    if start > now + timedelta(minutes=5):
        raise RuleBroken(_("开始时间在将来。"), code="start")
    seconds = _seconds(line.get("length", ""))
    is_answered = _answered(line.get("result", ""), seconds)
    agent = line.get("agent", "").strip()[:40]
    ref = line.get("ref", "").replace("\0", "").strip()
    if len(ref) > REF_LENGTH:
        raise RuleBroken(_("通话编号超过 %(n)d 字。") % {"n": REF_LENGTH}, code="ref")
    if not ref:
        plain = f"{start.isoformat()}|{number}|{way}|{agent}"
        ref = "#" + sha256(plain.encode()).hexdigest()[:40]
    return Call(ref, number, way, start, seconds if is_answered else 0, is_answered, agent)


def _way(text: str) -> CallWay:
    plain = text.strip().lower()
    if plain in OUT:
        return CallWay.OUT
    if plain in IN:
        return CallWay.IN
    raise RuleBroken(_("方向「%(text)s」读不懂，应为呼出或呼入。") % {"text": plain[:12]}, code="way")


def _moment(text: str) -> datetime:
    plain = re.sub(r"\s+", " ", text.strip().replace("/", "-").replace(".", "-"))
    plain = re.sub(r"[年月]", "-", plain).replace("日", " ").replace("  ", " ")
    for shape in SHAPES:
        try:
            return datetime.strptime(plain, shape).replace(tzinfo=SHANGHAI)
        except ValueError:
            continue
    raise RuleBroken(_("开始时间读不懂，应写成 2026-06-16 10:00:00。"), code="start")


def _seconds(text: str) -> int:
    plain = text.strip().removesuffix("秒").strip()
    if not plain:
        return 0
    parts = plain.split(":")
    if len(parts) > 3 or not all(re.fullmatch(r"[0-9]{1,6}", part) for part in parts):
        raise RuleBroken(_("时长读不懂，应为秒数或 时:分:秒。"), code="length")
    found = 0
    for part in parts:
        found = found * 60 + int(part)
    if found > LONGEST:
        raise RuleBroken(_("时长超过一天。"), code="length")
    return found


def _answered(text: str, seconds: int) -> bool:
    plain = text.strip().lower()
    if not plain:
        return seconds > 0
    if plain in ANSWERED:
        return True
    if plain in MISSED:
        return False
    raise RuleBroken(_("结果「%(text)s」读不懂，应为接通或未接通。") % {"text": plain[:12]}, code="result")
