from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "src/yimei/ui/static/ui"


def test_the_slots_of_a_day_all_have_their_class() -> None:
    text = (STATIC / "css/slots.css").read_text()
    assert all(f".x{slot}{{" in text for slot in range(288))
    assert all(f".w{slot}{{" in text for slot in range(1, 289))
    assert all(f".h{hour}{{" in text for hour in range(1, 25))


def test_no_script_writes_style_or_evaluates_text() -> None:
    for script in (STATIC / "js").glob("*.js"):
        text = script.read_text().replace('.style.setProperty("--', "")  # a value, never a rule
        assert ".style" not in text, script.name
        assert "eval(" not in text, script.name
        assert 'setAttribute("style"' not in text, script.name
