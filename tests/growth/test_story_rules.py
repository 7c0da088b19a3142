"""What a story may be used for, who may check it, where it may never stand. No database."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yimei.core.errors import RuleBroken
from yimei.growth.enums.flows import FlowEvent
from yimei.growth.enums.stories import Checker, PublicPlace, StoryPlace, StoryStatus, StoryUse
from yimei.growth.rules import stories as rules
from yimei.growth.rules.stories import Scope, Shot

TODAY = date(2026, 6, 15)
TALK, TRAINING, HOUSE = StoryUse.TALK, StoryUse.TRAINING, StoryUse.HOUSE
PLAIN, FACE, PRIVATE = Shot("a", False, False), Shot("b", True, False), Shot("c", False, True)


def scope(*uses: StoryUse, pictures: bool = True, face: bool = False, days: int = 100) -> Scope:
    return Scope(frozenset(uses), pictures, face, TODAY + timedelta(days=days))


@pytest.mark.parametrize("kind", list(PublicPlace))
def test_no_place_of_the_public_opens_and_each_refusal_names_its_article(kind: PublicPlace) -> None:
    with pytest.raises(RuleBroken, match="本人同意也不行") as refused:
        rules.spot(kind.value)
    assert refused.value.missing
    assert all("《" in one.why for one in refused.value.missing)
    assert any("第七条第六项" in one.why for one in refused.value.missing)


def test_an_unknown_place_is_none() -> None:
    with pytest.raises(RuleBroken, match="请选择"):
        rules.spot("moon")


@pytest.mark.parametrize("place", list(StoryPlace))
@given(uses=st.sets(st.sampled_from(StoryUse)))
@settings(max_examples=16, deadline=None)
def test_a_place_opens_only_for_the_use_that_she_allowed(place: StoryPlace, uses: set[StoryUse]) -> None:
    spot = rules.SPOTS[place]
    allowed = scope(*uses)
    if spot.use in uses:
        rules.check_spot(spot, allowed)
    else:
        with pytest.raises(RuleBroken, match="没有同意"):
            rules.check_spot(spot, allowed)


@pytest.mark.parametrize(
    ("given_scope", "shots", "said"),
    [
        (scope(), [], "至少选一种"),
        (scope(TALK, days=0), [], "期限"),
        (scope(TALK, days=366), [], "最长 365 天"),
        (scope(TALK, pictures=False), [PLAIN], "没有同意使用照片"),
        (scope(TALK), [PLAIN, FACE], "没有同意露脸"),
        (scope(TALK, TRAINING), [PRIVATE], "私密部位"),
        (scope(TALK), [PRIVATE], "私密部位"),
    ],
)
def test_an_agreement_that_says_too_little_is_refused(
    given_scope: Scope, shots: list[Shot], said: str
) -> None:
    with pytest.raises(RuleBroken, match=said):
        rules.check_scope(given_scope, shots, today=TODAY, most_days=365)


def test_what_she_allowed_is_enough() -> None:
    for allowed, shots in (
        (scope(TALK, TRAINING, HOUSE), [PLAIN]),
        (scope(TALK, face=True), [FACE]),
        (scope(TRAINING), [PRIVATE]),
        (scope(TALK, pictures=False), []),
    ):
        rules.check_scope(allowed, shots, today=TODAY, most_days=365)


@pytest.mark.parametrize(
    ("words", "uses", "law"),
    [
        ("我叫王小明，电话 13812345678，很满意这次的服务", {TRAINING}, "一千二百二十六"),
        ("做完以后保证年轻十岁，大家都来吧，真的不骗你", {TALK}, "第十六条"),
        ("这里是全城最好的医院，没有之一，大家放心来吧", {TALK}, "第九条"),
        ("术前术后对比照片差别真的非常大，你们自己看看", {TALK}, "第七条"),
        ("双眼皮手术后第三天开始消肿，第七天拆线就好了", {HOUSE}, "2025"),
    ],
)
def test_plain_faults_of_the_words_are_named_with_their_article(
    words: str, uses: set[StoryUse], law: str
) -> None:
    assert any(law in one.why for one in rules.word_faults(words, uses))


def test_a_physicians_name_stays_out_of_what_customers_see() -> None:
    words = "那天是张大勇给我看的，我问了很多问题，他都答了"
    assert rules.word_faults(words, {TALK}, names=["张大勇"])


def test_honest_words_pass() -> None:
    words = "我犹豫了半年才来。恢复的第一周肿得厉害，睡觉要垫高枕头，第二周才敢出门。"
    assert rules.word_faults(words, {TALK, TRAINING}) == []
    assert rules.word_faults("等候的椅子换了，有人倒水，叫号也看得清了，谢谢。", {HOUSE}) == []


@given(st.sampled_from(Checker), st.data())
@settings(max_examples=40, deadline=None)
def test_a_pass_says_yes_to_everything(checker: Checker, data: st.DataObject) -> None:
    codes = [item.code for item in rules.checklist(checker)]
    yes = data.draw(st.sets(st.sampled_from(codes)))
    if yes == set(codes):
        rules.check_answers(checker, yes, passes=True, note="")
    else:
        with pytest.raises(RuleBroken) as refused:
            rules.check_answers(checker, yes, passes=True, note="")
        assert len(refused.value.missing) == len(codes) - len(yes)


def test_a_return_says_why_and_three_people_have_their_hands_in_it() -> None:
    with pytest.raises(RuleBroken, match="哪里要改"):
        rules.check_answers(Checker.LAW, [], passes=False, note=" ")
    rules.check_reviewer(reviewer=3, hands=[1, 2, None])
    with pytest.raises(RuleBroken, match="三个不同的人"):
        rules.check_reviewer(reviewer=2, hands=[1, 2])


def test_the_fingerprint_knows_one_letter_one_picture_one_day() -> None:
    base = ("标题", "内容", [PLAIN], scope(TALK), "s")
    others = [
        ("标题", "内容。", [PLAIN], scope(TALK), "s"),
        ("标题", "内容", [], scope(TALK), "s"),
        ("标题", "内容", [PLAIN], scope(TALK, days=101), "s"),
        ("标题", "内容", [PLAIN], scope(TALK, face=True), "s"),
        ("标题", "内容", [PLAIN], scope(TRAINING), "s"),
    ]
    assert len({rules.digest(*one) for one in [base, *others]}) == 6


def test_what_is_over_stays_over() -> None:
    for status in StoryStatus:
        with pytest.raises(RuleBroken):
            rules.check_move(StoryStatus.ENDED, status)


def test_nothing_can_be_given_for_a_story() -> None:
    """A flow gives points and coupons; nothing that happens to a story starts one."""
    assert not [event for event in FlowEvent if "story" in event.value]
