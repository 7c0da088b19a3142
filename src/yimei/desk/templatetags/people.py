"""Names as their reader may see them in a list: masked, a VIP or a colleague by alias."""

from typing import TYPE_CHECKING

from django import template
from django.template.context import Context

from yimei.journey.queries.board import list_names

if TYPE_CHECKING:
    from yimei.people.models import Patient

register = template.Library()


@register.simple_tag(takes_context=True)
def listed_name(context: Context, patient: "Patient") -> str:
    return list_names([patient], by=context["request"].user)[patient.pk]
