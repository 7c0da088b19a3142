"""A place on the operating board."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.core.clock import SHANGHAI
from yimei.desk.forms.fields import LooseDateField
from yimei.journey.actions.surgeries import Team
from yimei.journey.queries.board import Choices
from yimei.ui.forms.purposed import PurposedForm

Named = Sequence[tuple[str, str]]


class PlaceForm(PurposedForm):
    KEEPS = "journey.Surgery"
    ELSEWHERE = {
        "day": "journey.Surgery.starts_at",
        "time": "journey.Surgery.starts_at",
        "nurse": "journey.ResourceClaim.resource_id",
        "anaesthetist": "journey.ResourceClaim.resource_id",
        "assistant": "journey.ResourceClaim.resource_id",
        "devices": "journey.ResourceClaim.resource_id",
    }

    day = LooseDateField(label=_("日期"), widget=forms.DateInput)
    time = forms.TimeField(label=_("开始（含准备）"))
    room = forms.TypedChoiceField(label=_("手术间"), coerce=UUID, widget=forms.RadioSelect)
    nurse = forms.TypedChoiceField(label=_("手术室护士"), coerce=UUID)
    anaesthetist = forms.TypedChoiceField(label=_("麻醉医师"), coerce=UUID, empty_value=None)
    assistant = forms.TypedChoiceField(label=_("助手"), coerce=UUID, empty_value=None, required=False)
    devices = forms.TypedMultipleChoiceField(
        label=_("设备"), coerce=UUID, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        blank: Named = [("", "—")]
        self._offer("room", _named(choices.rooms))
        self._offer("nurse", [*blank, *_named(choices.nurses)])
        self._offer("anaesthetist", [*blank, *_named(choices.anaesthetists)])
        self._offer("assistant", [*blank, *_named(choices.assistants)])
        self._offer("devices", _named(choices.devices))
        self.fields["anaesthetist"].required = choices.needs_anaesthetist
        if not choices.needs_anaesthetist:
            self.fields["assistant"].help_text = _("局部麻醉不排麻醉师时，由助手参加三方核查。")
        if not choices.devices:
            del self.fields["devices"]

    def _offer(self, name: str, choices: Named) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    @property
    def starts_at(self) -> datetime:
        return datetime.combine(self.cleaned_data["day"], self.cleaned_data["time"], SHANGHAI)

    @property
    def team(self) -> Team:
        data = self.cleaned_data
        return Team(nurse=data["nurse"], anaesthetist=data["anaesthetist"], assistant=data["assistant"])


def _named(rows: Iterable[Any]) -> Named:
    return [(str(row.public_id), row.name) for row in rows]
