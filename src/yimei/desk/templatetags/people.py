"""Names as their reader may see them in a list: masked, a VIP or a colleague by alias."""

from typing import TYPE_CHECKING

from django import template
from django.template.context import Context
from django.utils import timezone

from yimei.core.clock import local_date
from yimei.journey.queries.board import list_names
from yimei.people.queries import glass_numbers

if TYPE_CHECKING:
    from yimei.people.models import Patient

register = template.Library()


@register.simple_tag(takes_context=True)
def listed_name(context: Context, patient: "Patient") -> str:
    return list_names([patient], by=context["request"].user)[patient.pk]


@register.simple_tag
def looks_outside_care() -> dict[str, int]:
    """The hours and working days of emergency and approved looks, as the rules in force say today."""
    return glass_numbers(local_date(timezone.now()))
