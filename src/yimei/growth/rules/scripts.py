"""What to say on the telephone: short, true, without a promise (广告法第十六条)."""

from django.utils.translation import gettext as _

from yimei.growth.enums import Outcome


def hint(*, is_first: bool, last: Outcome | None) -> list[str]:
    """The lines for the next call, from what came of the last one."""
    if is_first:
        return [
            _("您好，这里是医院咨询台，您刚才咨询过，现在方便说两分钟吗？"),
            _("请问想了解哪个部位？以前在别处做过吗？"),
            _("具体方案要医师面诊后才能定，我先帮您约一个面诊时间好吗？"),
        ]
    if last == Outcome.NO_ANSWER:
        return [
            _("您好，之前给您打过电话没有接通，现在方便吗？"),
            _("如果不方便，您希望什么时候联系？"),
        ]
    if last == Outcome.WANTS_VISIT:
        return [
            _("您好，上次您说想到院看看，这周哪天方便？"),
            _("到院先由医师面诊，不满意可以不做，也可以回去考虑。"),
        ]
    return [
        _("您好，上次聊到的问题您还有什么想了解的？"),
        _("您最在意的是恢复时间、费用，还是效果与风险？"),
        _("不想再接到电话，随时告诉我，我马上登记。"),
    ]
