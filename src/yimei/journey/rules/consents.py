"""Who may talk, who must sign, and which boxes of a document become consents of their own."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.hospital.enums import Anaesthesia, FormKind

ANAESTHESIA_FORM: Mapping[str, str] = {
    Anaesthesia.TOPICAL: "anaesthesia-local",
    Anaesthesia.LOCAL: "anaesthesia-local",
    Anaesthesia.SEDATION: "anaesthesia-general",
    Anaesthesia.GENERAL: "anaesthesia-general",
}
"""The anaesthesia document of a plan; none without anaesthesia."""

TEACH_BACK_LEAST = 4
"""At least this many characters of what the customer asked or said back."""


def check_talker(
    *, kind: FormKind, anaesthesia: Anaesthesia, is_surgeon: bool, is_anaesthetist: bool
) -> None:
    """The operation is explained by its surgeon, deep anaesthesia by an anaesthetist (术前谈话, 麻醉谈话)."""
    deep = anaesthesia in {Anaesthesia.SEDATION, Anaesthesia.GENERAL}
    if kind == FormKind.ANAESTHESIA and deep:
        if not is_anaesthetist:
            raise RuleBroken(_("镇静或全身麻醉的同意书须由麻醉师谈话。"))
    elif not is_surgeon:
        raise RuleBroken(_("这份同意书须由主诊医师本人谈话。"))


def check_signers(*, needs_guardian: bool, has_guardian_signature: bool, questions: str) -> None:
    if needs_guardian and not has_guardian_signature:
        raise RuleBroken(_("客户未满十八周岁或年龄未确认，须监护人到场并签名（民法典第十九条）。"))
    if len(questions.strip()) < TEACH_BACK_LEAST:
        raise RuleBroken(_("请记下客户的提问或用自己的话复述的要点。"))
