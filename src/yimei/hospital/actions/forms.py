"""Publishing documents; a published text is never edited, a new text is the next version."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit.log import Actor
from yimei.core.errors import RuleBroken
from yimei.hospital.actions import edits
from yimei.hospital.enums import Evidence, FormKind
from yimei.hospital.models import FormTemplate
from yimei.hospital.rules.forms import Section, check_sections


@transaction.atomic
def publish(
    code: str,
    *,
    kind: FormKind,
    title: str,
    sections: list[Section],
    by: Actor | None,
    at: datetime,
    evidence: Evidence = Evidence.UNVERIFIED,
    source: str = "",
) -> FormTemplate:
    """Publish the next version of a document; the same text again is refused."""
    check_sections(sections)
    newest = FormTemplate.objects.filter(code=code).order_by("-version").first()
    if newest is not None and (newest.title, newest.sections) == (title, sections):
        raise RuleBroken(_("内容与第 %(version)s 版相同，没有发布新版本。") % {"version": newest.version})
    form = FormTemplate(
        code=code,
        version=newest.version + 1 if newest else 1,
        kind=kind,
        title=title,
        sections=sections,
        evidence=evidence,
        source=source,
        published_at=at,
    )
    return edits.add(form, by=by, at=at)
