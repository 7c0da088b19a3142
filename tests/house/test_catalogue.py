"""Every Chinese sentence of the program has an English one, and the file the program reads says the same."""

import gettext
import io
import re

import pytest
from django.utils import translation
from scripts.catalogue import (
    MO,
    PO,
    Text,
    compile_mo,
    extract,
    faults,
    in_python,
    in_template,
    read_po,
    write_po,
)

IMPORT = "from django.utils.translation import gettext as _, ngettext as many\n"
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def catalogue() -> dict[str, Text]:
    return read_po(PO.read_text("utf-8"))


@pytest.mark.slow(reason="reads every module and every template")
def test_the_catalogue_says_what_the_code_says(catalogue: dict[str, Text]) -> None:
    assert faults(extract(), catalogue) == [], "run scripts/catalogue.py and write the English into django.po"


def test_the_catalogue_is_written_by_the_script(catalogue: dict[str, Text]) -> None:
    assert PO.read_text("utf-8") == write_po(catalogue)


def test_the_program_reads_what_the_catalogue_says(catalogue: dict[str, Text]) -> None:
    assert MO.read_bytes() == compile_mo(catalogue), "run scripts/catalogue.py"
    machine = gettext.GNUTranslations(io.BytesIO(MO.read_bytes()))
    for text in catalogue.values():
        if text.plural:
            said = tuple(machine.ngettext(text.msgid, text.plural, number) for number in (1, 2))
            assert said == text.english
        else:
            assert machine.gettext(text.msgid) == text.english[0]


def test_english_holds_no_chinese(catalogue: dict[str, Text]) -> None:
    assert [text.msgid for text in catalogue.values() if HAN.search("".join(text.english))] == []


def test_a_reader_chooses_the_language() -> None:
    with translation.override("en"):
        assert translation.gettext("爽约") == "No-show"
    with translation.override("zh-hans"):
        assert translation.gettext("爽约") == "爽约"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ('_("爽约")', [("爽约", "")]),
        ('_("第一行"\n  "第二行")', [("第一行第二行", "")]),
        ('many("%(n)d 位", "%(n)d 位", n)', [("%(n)d 位", "%(n)d 位")]),
        ("_(label)", []),
        ('print("爽约")', []),
    ],
)
def test_python_is_read(code: str, said: list[tuple[str, str]]) -> None:
    assert list(in_python(IMPORT + code, "sample.py")) == said


@pytest.mark.parametrize("code", ['_(f"{name}爽约")', '_("爽约" + name)', '_("%s爽约" % name)'])
def test_a_text_made_before_it_is_translated_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match=r"sample\.py:2"):
        list(in_python(IMPORT + code, "sample.py"))


@pytest.mark.parametrize(
    ("markup", "said"),
    [
        ('{% translate "爽约" %}', [("爽约", "")]),
        ('{% translate "爽约" as title %}', [("爽约", "")]),
        (
            "{% blocktranslate with name=x.name %}{{ name }}爽约{% endblocktranslate %}",
            [("%(name)s爽约", "")],
        ),
        (
            "{% blocktranslate count n=n %}{{ n }} 位{% plural %}{{ n }} 几位{% endblocktranslate %}",
            [("%(n)s 位", "%(n)s 几位")],
        ),
        ("{% blocktranslate trimmed %}\n  一\n  二\n{% endblocktranslate %}", [("一 二", "")]),
        ('{% include "a.html" with a=_("标题") b=_("说明") only %}', [("标题", ""), ("说明", "")]),
        ('{{ name|default:_("无名") }}', [("无名", "")]),
        ('{% translate "满 100%" %}', [("满 100%%", "")]),
        ("爽约", []),
    ],
)
def test_templates_are_read(markup: str, said: list[tuple[str, str]]) -> None:
    assert list(in_template(markup, "sample.html")) == said


@pytest.mark.parametrize(
    ("known", "fault"),
    [
        (None, "no English: %(n)d 位"),
        (Text("%(n)d 位", english=("",)), "no English: %(n)d 位"),
        (Text("%(n)d 位", english=("%(m)d people",)), "other places: %(n)d 位"),
        (Text("%(n)d 位", english=("%(n)s people",)), "other places: %(n)d 位"),
        (Text("%(n)d 位", "%(n)d 位", ("%(n)d", "%(n)d")), "another plural: %(n)d 位"),
    ],
)
def test_a_fault_is_found(known: Text | None, fault: str) -> None:
    text = Text("%(n)d 位", files=("sample.py",))
    found = faults({text.msgid: text}, {known.msgid: known} if known else {})
    assert [line.split(" (")[0] for line in found] == [fault]


def test_what_nobody_says_any_more_is_found() -> None:
    assert faults({}, {"旧": Text("旧", english=("old",))}) == ["nobody says any more: 旧"]


def test_quotes_and_line_ends_survive_the_file() -> None:
    text = Text('他说："好"\n第二行\\', english=('"Yes"\nsecond line\\',))
    assert read_po(write_po({text.msgid: text})) == {text.msgid: text}
