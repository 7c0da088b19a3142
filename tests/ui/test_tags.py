from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory

from tests.ui.pages import CASE
from yimei.core.errors import Missing
from yimei.ui.rules.boards import Bar, Board, Row
from yimei.ui.templatetags import formats
from yimei.ui.templatetags.records import resolve_where

NOW = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)


def draw(text: str, **values: Any) -> str:
    return Template("{% load ui %}" + text).render(Context(values))


def test_values_are_written_the_way_a_hospital_reads_them() -> None:
    with time_machine.travel(NOW, tick=False):
        assert formats.when(NOW) == "10:00"
        assert formats.when(date(2026, 6, 20)) == "6月20日"
        assert formats.day(NOW) == "6月16日 周二"
        assert formats.moment(NOW) == "2026-06-16 10:00"
    assert formats.yuan(Decimal("-2000")) == "−¥2,000.00"
    assert formats.yuan(11300) == "¥11,300.00"
    assert formats.percent(0.462) == "46.2\u202f%"
    assert formats.percent(-1.0) == "−100.0\u202f%"
    assert formats.number(-12345) == "−12,345"
    assert formats.mask_name("林晓雨") == "林**"
    assert formats.mask_phone("+8613812345678") == "138****5678"
    assert formats.minutes(timedelta(minutes=95)) == "1小时35分"


@pytest.mark.parametrize(
    "write",
    [
        formats.when,
        formats.clock_time,
        formats.day,
        formats.moment,
        formats.yuan,
        formats.percent,
        formats.number,
        formats.minutes,
        formats.mask_name,
        formats.mask_phone,
        formats.iso,
    ],
)
def test_nothing_is_written_as_nothing(write: Callable[[None], str]) -> None:
    assert write(None) == ""


def test_an_icon_without_a_label_is_silent_and_one_with_a_label_speaks() -> None:
    assert 'aria-hidden="true"' in draw('{% icon "bell" %}')
    assert 'role="img" aria-label="通知"' in draw('{% icon "bell" label="通知" %}')


@pytest.mark.parametrize(
    "text", ['{% icon "no-such-icon" %}', '{% icon "bell" size=17 %}', '{% chip "x" tint="y" %}']
)
def test_a_mistake_in_a_template_is_an_error(text: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        draw(text)


def test_a_button_passes_its_attributes_on_and_escapes_them() -> None:
    text = draw('{% button word hx_post="/x" data_ym_close=True title=None disabled=False %}', word="<b>")
    assert 'hx-post="/x"' in text
    assert " data-ym-close" in text
    assert "title" not in text
    assert "&lt;b&gt;" in text
    assert draw('{% button "去" href="/y" %}').startswith('<a class="btn')


@pytest.mark.parametrize(
    "piece",
    [
        "{% card title=bad meta=bad %}{{ bad }}{% endcard %}",
        "{% task who=bad what=bad clock=bad phone=bad %}{{ bad }}{% endtask %}",
        "{% patient_banner name=bad file_no=bad aside=bad note=bad %}{{ bad }}{% endpatient_banner %}",
        "{% timeline %}{% event at=bad title=bad text=bad %}{{ bad }}{% endevent %}{% endtimeline %}",
        "{% checklist %}{% check done=False label=bad note=bad %}{{ bad }}{% endcheck %}{% endchecklist %}",
        '{% dialog "d" bad %}{{ bad }}{% enddialog %}',
        "{% notice bad title=bad %}{% empty bad %}",
        "{% stat bad bad note=bad %}{% copy_button bad label=bad %}",
        "{% chip bad href=bad %}{% avatar bad %}",
        '{% score_picker "a" bad low_text=bad %}{% signature_pad "s" bad %}',
    ],
)
def test_no_piece_lets_markup_through(piece: str) -> None:
    text = draw(piece, bad='<script>"alert')
    assert "<script" not in text
    assert "&lt;script" in text or "&lt;" in text


def test_slots_keep_the_markup_of_the_template() -> None:
    text = draw('{% patient_banner name="孙**" file_no="Z1" %}<b>下一步</b>{% endpatient_banner %}')
    assert "<b>下一步</b>" in text
    assert "banner-next" not in draw('{% patient_banner name="孙**" file_no="Z1" %}{% endpatient_banner %}')


def test_chips_come_from_tuples_words_and_objects() -> None:
    class Allergy:
        text, tone = "青霉素过敏", "danger"

    text = draw("{% chips items %}", items=["甲", ("乙", "warn"), ("丙", "good", "check"), Allergy()])
    for part in ("chip-plain", "chip-warn", "chip-good", "#check", "chip-danger"):
        assert part in text


@pytest.mark.parametrize(
    ("since", "tone"),
    [(timedelta(minutes=5), "calm"), (timedelta(minutes=10), "amber"), (timedelta(minutes=25), "red")],
)
def test_a_clock_of_waiting_turns_amber_then_red(since: timedelta, tone: str) -> None:
    with time_machine.travel(NOW, tick=False):
        assert f"clock-{tone}" in draw("{% running_clock since=at amber=10 red=20 %}", at=NOW - since)


def test_a_clock_of_time_left_runs_below_zero() -> None:
    with time_machine.travel(NOW, tick=False):
        text = draw("{% running_clock until=at amber=5 red=0 %}", at=NOW - timedelta(seconds=14))
    assert "−00:14" in text
    assert "clock-red" in text
    assert 'data-ym-clock="down"' in text


@pytest.mark.urls("tests.ui.pages")
def test_the_place_to_fix_a_thing_is_found_by_its_name() -> None:
    assert resolve_where(f"desk:case:{CASE}") == f"/desk/case/{CASE}"
    assert resolve_where("desk:today") == "/desk/today"
    assert resolve_where("desk:no-such:1") == ""
    assert resolve_where("") == ""


@pytest.mark.urls("tests.ui.pages")
def test_a_gate_lists_the_thing_the_reason_and_the_way() -> None:
    missing = [Missing("同意书", "民法典 1219 条", f"desk:case:{CASE}"), Missing("麻醉医师", "须在场")]
    text = draw("{% gate_list missing %}", missing=missing)
    assert text.count('class="gate"') == 2
    assert text.count("<a ") == 1


def test_what_changed_shows_before_and_after() -> None:
    text = draw('{% diff "变化" rows %}', rows=[("价格", "¥1", "¥2"), ("备注", None, "新")])
    assert text.count("<del>") == 1
    assert text.count("<ins>") == 2


def test_a_board_is_placed_by_classes_and_read_as_a_list() -> None:
    row = Row(
        "OR1",
        bars=[
            Bar(NOW, NOW + timedelta(minutes=60), "切开重睑", href="/x"),
            Bar(NOW + timedelta(minutes=60), NOW + timedelta(minutes=75), "清洁", kind="turnover"),
        ],
    )
    board = Board(NOW - timedelta(hours=1), NOW + timedelta(hours=3), rows=[row], now=NOW)
    text = draw("{% board board %}", board=board)
    assert "x12 w12" in text
    assert "x24 w3" in text
    assert "style=" not in text
    assert text.count('class="board-item') == 1, "cleaning is not read out"


def test_charts_say_in_words_what_they_draw() -> None:
    text = draw('{% sparkline values label="近十周" %}', values=[1, None, 3])
    assert 'aria-label="近十周"' in text
    series = [(NOW, 88), (NOW + timedelta(minutes=5), 104)]
    text = draw('{% trend series label="心率" low=60 high=100 %}', series=series)
    assert "超出范围" in text
    assert text.count("<circle") == 2
    text = draw(
        '{% bar_chart points label="渠道" unit="%" %}',
        points=[("抖音", 21.4), ("老带新", 42.8, "n 88", False)],
    )
    assert 'width="50.0"' in text
    assert "bars-grey" in text


class PatientForm(forms.Form):
    name = forms.CharField(label="姓名", help_text="与身份证一致")
    phone = forms.CharField(label="手机号", widget=forms.TextInput(attrs={"type": "tel"}))
    born = forms.DateField(label="出生日期", required=False)
    side = forms.ChoiceField(label="侧别", widget=forms.RadioSelect, choices=[("l", "左"), ("r", "右")])
    token = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean(self) -> dict[str, Any]:
        raise forms.ValidationError("可能已登记过：ZX20260412。")


def test_a_field_ties_label_help_and_error_to_its_control() -> None:
    text = draw('{% field form.name unit="字" %}', form=PatientForm({}))
    assert '<label class="field-label" for="id_name">' in text
    assert 'aria-describedby="id_name-help id_name-error"' in text
    assert 'aria-invalid="true"' in text
    assert "与身份证一致" in text
    assert "字</span>" in text


def test_fields_know_dates_phones_choices_and_what_is_optional() -> None:
    text = draw("{% fields form %}", form=PatientForm())
    assert "data-ym-date" in text
    assert "data-ym-phone" in text
    assert text.count("选填") == 1
    assert 'role="radiogroup"' in text
    assert 'type="hidden"' in text


class ListForm(forms.Form):
    yes = forms.MultipleChoiceField(
        label="逐项确认", required=False, choices=[("a", "甲")], widget=forms.CheckboxSelectMultiple
    )


def test_a_list_of_ticks_is_no_choice_of_one_and_says_when_it_is_asked() -> None:
    free = draw("{% field form.yes %}", form=ListForm())
    asked = draw("{% field form.yes asked=True %}", form=ListForm())
    assert "radiogroup" not in free
    assert "选填" in free
    assert "选填" not in asked


def test_a_date_in_a_refusal_stays_whole() -> None:
    form = PatientForm({"name": "林"})
    form.add_error("born", "与 2026-12-01 至 2027-01-05 的合同重叠<b>")
    for text in ("{% form_errors form %}", "{% field form.born %}"):
        told = draw(text, form=form)
        assert '与 <span class="nowrap">2026-12-01</span> 至 <span class="nowrap">2027-01-05</span>' in told
        assert "重叠&lt;b&gt;" in told


def test_what_was_typed_is_still_there_after_an_error() -> None:
    assert 'value="138 0000"' in draw("{% field form.phone %}", form=PatientForm({"phone": "138 0000"}))


def test_the_summary_links_each_error_to_its_field() -> None:
    text = draw("{% form_errors form %}", form=PatientForm({"phone": "138"}))
    assert 'href="#id_name"' in text
    assert 'href="#id_side"' in text
    assert "可能已登记过" in text
    assert draw("{% form_errors form %}", form=PatientForm()).strip() == ""


def test_a_column_sorts_upward_then_downward_and_keeps_the_filters() -> None:
    def head(query: str) -> str:
        return draw('{% sort_th "name" "姓名" %}', request=RequestFactory().get(f"/?{query}"))

    assert 'href="?q=x&amp;sort=name"' in head("q=x&page=3")
    assert 'href="?sort=-name"' in head("sort=name")
    assert 'aria-sort="descending"' in head("sort=-name")


def test_the_pager_keeps_the_filters_and_marks_where_we_are() -> None:
    page = Paginator(range(128), 20).get_page(3)
    text = draw("{% pager page %}", page=page, request=RequestFactory().get("/?q=x"))
    assert "41–60，共 128 条" in text
    assert 'href="?q=x&amp;page=4"' in text
    assert text.count('aria-current="page"') == 1
