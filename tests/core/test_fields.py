from yimei.core.fields import MoneyField


def test_money_has_two_places_and_a_short_migration() -> None:
    field = MoneyField("价格")
    assert (field.max_digits, field.decimal_places) == (12, 2)
    assert field.deconstruct()[1:] == ("yimei.core.fields.MoneyField", [], {"verbose_name": "价格"})
