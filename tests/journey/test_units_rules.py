"""Units as laboratories type them; a spelling may differ, an amount may not."""

import pytest

from yimei.journey.rules.units import same_unit

CELLS = "×10⁹/L"


@pytest.mark.parametrize(
    "given",
    [
        "×10⁹/L",
        "10⁹/L",
        "10^9/L",
        "10^9/l",
        "x10^9/L",
        "X10^9/L",
        "*10^9/L",
        "× 10^9 / L",
        "10*9/L",
        "10**9/L",
        "10E9/L",
        "10e+9/L",
        "×10E9/L",
        "×109/L",
        "109/L",
        "１０＾９／Ｌ",
        "×10⁹·L⁻¹",
        "10^9·L^-1",
        "(10^9/L)",
        "[10^9/L]",
        "G/L",
        "10^3/μL",
        "10³/µL",
        "K/uL",
        "\u00a0×10⁹\u3000/L ",
        "",
        "  ",
    ],
)
def test_cells_in_a_litre_are_written_in_many_ways(given: str) -> None:
    assert same_unit(given, CELLS)
    assert not given.strip() or same_unit(CELLS, given)


@pytest.mark.parametrize(
    ("given", "ours"),
    [
        ("10^12/L", CELLS),
        ("×10¹²/L", CELLS),
        ("T/L", CELLS),
        ("g/L", CELLS),
        ("g/l", CELLS),
        ("/L", CELLS),
        ("10^9/mL", CELLS),
        ("10^6/L", CELLS),
        ("10^6/μL", CELLS),
        ("/HP", CELLS),
        ("9/L", CELLS),
        ("10-9/L", CELLS),
        ("10^-9/L", CELLS),
        ("1099/L", CELLS),
        ("mg/dL", "μmol/L"),
        ("mg/dL", "mmol/L"),
        ("mmol/L", "μmol/L"),
        ("nmol/L", "μmol/L"),
        ("g/dL", "g/L"),
        ("mg/L", "g/L"),
        ("ug/mL", "g/L"),
        ("mU/L", "U/L"),
        ("kU/L", "U/L"),
        ("min", "s"),
        ("ms", "s"),
        ("%", "s"),
        ("阳性", "s"),
        ("分", "s"),
    ],
)
def test_another_amount_is_another_unit(given: str, ours: str) -> None:
    assert not same_unit(given, ours)
    assert not same_unit(ours, given)


@pytest.mark.parametrize(
    ("given", "ours"),
    [
        ("g/L", "g/L"),
        ("G/l", "g/L"),
        ("G/L", "g/L"),
        ("g·L⁻¹", "g/L"),
        ("mg/mL", "g/L"),
        ("umol/L", "μmol/L"),
        ("µmol/L", "μmol/L"),
        ("UMOL/L", "μmol/L"),
        ("μmol・L^-1", "μmol/L"),
        ("MMOL/L", "mmol/L"),
        ("mmol／L", "mmol/L"),
        ("IU/L", "U/L"),
        ("u/l", "U/L"),
        ("mIU/mL", "U/L"),
        ("mcg/L", "ug/L"),
        ("S", "s"),
        ("秒", "s"),
        ("sec", "s"),
        ("％", "%"),
    ],
)
def test_the_same_amount_is_the_same_unit(given: str, ours: str) -> None:
    assert same_unit(given, ours)
    assert same_unit(ours, given)
