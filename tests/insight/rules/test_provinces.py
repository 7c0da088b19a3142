"""Each province has a square of its own, and north lies above south."""

from yimei.insight.enums import Chart
from yimei.insight.rules.metrics import BY_CODE
from yimei.insight.rules.metrics.dims import DIMS
from yimei.insight.rules.provinces import PLACES, PROVINCES
from yimei.insight.rules.questions import charts_for


def test_every_province_has_one_square() -> None:
    assert set(PLACES) == set(PROVINCES)
    assert len(set(PLACES.values())) == len(PLACES) == 34
    assert PLACES["23"][1] < PLACES["11"][1] < PLACES["33"][1] < PLACES["46"][1]
    assert PLACES["65"][0] < PLACES["62"][0] < PLACES["11"][0]


def test_only_a_split_by_province_is_drawn_so() -> None:
    assert Chart.MAP in charts_for(BY_CODE["visits"], (DIMS["province"],))
    assert Chart.MAP not in charts_for(BY_CODE["visits"], (DIMS["source"],))
    assert Chart.MAP not in charts_for(BY_CODE["visits"], (DIMS["province"], DIMS["sex"]))
