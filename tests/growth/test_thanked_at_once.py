"""Whatever eight do at the same instant: thanks are given once, a statement is approved once."""

from collections import Counter
from datetime import date

import pytest
from django.db import connection, transaction

from tests.factories.crowd import ends_of
from tests.growth.house import days
from tests.growth.test_members import refund
from tests.growth.test_partners import Street
from tests.growth.test_referrals import Circle
from yimei.growth.actions import referrals, settling, thanks
from yimei.growth.models import PointEntry, Referral, ReferralCode, StatementLine
from yimei.growth.queries import members as member_queries

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow(reason="threads with connections of their own, against a real database"),
]


def many() -> int:
    return 8 if connection.vendor == "postgresql" else 4


def test_eight_followers_thank_both_sides_once_and_take_back_once() -> None:
    circle = Circle()
    friend = circle.friend(circle.ask())
    circle.join(friend)
    with transaction.atomic():
        paid = circle.pays(friend)
    assert ends_of([lambda: thanks.follow(now=days(9))] * many()) == ["won"] * many()
    assert PointEntry.objects.filter(kind="gift").count() == 2
    assert Referral.objects.get().thanks.count() == 2
    refund(paid, "500", at=days(10))
    assert ends_of([lambda: thanks.follow(now=days(10))] * many()) == ["won"] * many()
    assert [member_queries.balance(one) for one in (circle.member, member_queries.member_of(friend))] == [
        0,
        0,
    ]


def test_two_clicks_take_one_code() -> None:
    circle = Circle()
    member = circle.join(circle.patient())
    assert ends_of([lambda: referrals.issue_own(member, now=days(1))] * many()) == ["won"] * many()
    assert ReferralCode.objects.filter(member=member).count() == 1


def test_a_statement_is_approved_once() -> None:
    street = Street()
    made = settling.propose(street.partner.public_id, month=date(2026, 6, 1), by=street.manager, now=days(20))
    ends = ends_of([lambda: settling.approve(made.public_id, by=street.cashier, now=days(20))] * many())
    assert Counter(one.split("(")[0] for one in ends) == {"won": 1, "RuleBroken": many() - 1}
    assert StatementLine.objects.count() == 1
