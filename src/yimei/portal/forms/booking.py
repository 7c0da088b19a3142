"""What a signed-in customer chooses when she books by herself."""

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.ui.forms.purposed import PurposedForm


class OwnSlotForm(PurposedForm):
    """One time as the page offered it; the key makes a second click the same wish."""

    ELSEWHERE = {"at": "journey.Booking.starts_at", "key": "journey.Booking.key"}

    at = forms.DateTimeField(
        input_formats=["%Y-%m-%dT%H:%M:%S%z"],
        error_messages={"required": _("请选择一个时间。"), "invalid": _("请选择一个时间。")},
    )
    key = forms.UUIDField()
