"""What a campus is called where there is little room."""

import pytest

from yimei.hospital.rules import places


@pytest.mark.parametrize(
    ("names", "brief"),
    [
        ([], []),
        (["颐美整形外科医院（杭州院区）"], ["杭州院区"]),
        (["颐美整形外科医院（杭州院区）", "颐美门诊部(宁波院区)"], ["杭州院区", "宁波院区"]),
        (["颐美（集团）整形外科医院"], ["颐美（集团）整形外科医院"]),
        (["颐美医院（杭州）", "颐美门诊部"], ["杭州", "颐美门诊部"]),
        (["颐美医院（杭州）", "颐美门诊部（杭州）"], ["颐美医院（杭州）", "颐美门诊部（杭州）"]),
        (["颐美医院（）"], ["颐美医院（）"]),
    ],
)
def test_what_tells_campuses_apart(names: list[str], brief: list[str]) -> None:
    assert places.brief(names) == brief
