"""The check before approval and the comparison of versions: what they say, on lines in memory."""

import datetime as dt
from decimal import Decimal

import pytest
from django import forms
from hypothesis import given
from hypothesis import strategies as st

from gpmb.compensation.checks import findings
from gpmb.compensation.comparison import Kind, changes
from gpmb.compensation.models import PlanItem, UnitPrice
from gpmb.web.number_fields import MoneyInput, NumberField

DAY = dt.date(2023, 6, 30)


def line(description="Đất lúa", **fields):
    given_ = {
        "block": "land",
        "quantity": Decimal(500),
        "unit": "m²",
        "amount_vnd": Decimal(1_000),
        "basis": "QĐ 1",
        "explanation": "theo biên bản",
    }
    if fields.get("block", "land") == "land":
        given_["land_code"] = "LUC"  # fmt: skip
    return PlanItem(description=description, **(given_ | fields))


def said(*lines, shares=(), **recovered):
    areas = {code: Decimal(area) for code, area in (recovered or {"LUC": 500}).items()}
    found = findings(lines, recovered_m2=areas, on=DAY, shares=shares)
    return " ".join(f.what for f in found)


def test_a_careful_plan_is_left_alone():
    assert said(line()) == ""


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([line(quantity=Decimal("480.5"))], "480,5 m² khác diện tích thu hồi 500 m²"),
        ([line("Cây", block="crops")], "Chưa có khoản bồi thường về đất"),
        ([line(quantity=Decimal(250)), line("đất LÚA", quantity=Decimal(250))], "có 2 dòng"),
        ([line(basis="")], "chưa có căn cứ"),
        ([line(explanation="")], "không có đơn giá"),
        ([line(amount_vnd=Decimal(0))], "không lớn hơn 0"),
        ([line(), line("Nợ", block="obligation", amount_vnd=Decimal(-1_001))], "chỉ trừ vào"),
        ([line(), line("Làm tròn", block="rounding", amount_vnd=Decimal(5_000))], "quá lớn"),
    ],
)
def test_what_is_wrong_is_named(lines, words):
    assert words in said(*lines)


def test_areas_are_compared_by_land_class():
    rice, garden = line(), line("Đất vườn", land_code="CLN", quantity=Decimal(100))
    assert said(rice, garden, LUC=500, CLN=100) == ""
    # The totals agree and the classes don't.
    words = said(rice, garden, LUC=400, CLN=200)
    assert "Đất LUC: tính bồi thường 500 m² khác diện tích thu hồi 400 m²" in words
    assert "Đất CLN: tính bồi thường 100 m² khác diện tích thu hồi 200 m²" in words
    assert "Đất ONT: tính bồi thường 0 m² khác diện tích thu hồi 60 m²" in said(
        rice, LUC=500, ONT=60
    )
    assert said(line(quantity=Decimal(200)), line("Đất lúa 2", quantity=Decimal(300))) == ""


def test_a_land_line_without_its_class_is_named_and_the_totals_are_compared():
    words = said(line(land_code=""), LUC=500)
    assert "chưa ghi loại đất" in words
    assert "khác diện tích" not in words
    assert "Diện tích tính bồi thường 500 m² khác" in said(line(land_code=""), LUC=400)


def test_an_ended_price_and_one_that_differs_are_named():
    old = UnitPrice(
        code="D-LUC",
        price_vnd=60_000,
        valid_from=dt.date(2022, 1, 1),
        valid_to=dt.date(2022, 12, 31),
    )
    words = said(line(price=old, unit_price_vnd=Decimal(65_000)))
    assert "D-LUC không còn hiệu lực" in words
    assert "khác bảng giá (60.000 đồng)" in words


def test_shares_that_do_not_make_a_whole_are_named():
    assert "90%" in said(line(), shares=[Decimal(50), Decimal(40)])
    assert said(line(), shares=[Decimal("33.334"), Decimal("33.333"), Decimal("33.333")]) == ""
    assert said(line(), shares=[None]) == ""


def test_changes_are_told_line_by_line():
    old = [line("A"), line("B"), line("C")]
    new = [line("A"), line("C", amount_vnd=Decimal(1_500)), line("D")]
    found = {(c.kind, c.line.description): c for c in changes(old, new)}
    assert set(found) == {(Kind.CHANGED, "C"), (Kind.ADDED, "D"), (Kind.REMOVED, "B")}
    assert found[Kind.CHANGED, "C"].fields == (("thành tiền (đồng)", 1_000, 1_500),)


LINES = st.lists(st.tuples(st.sampled_from("ABC"), st.integers(-50, 50)), max_size=6)


@given(old=LINES, new=LINES)
def test_the_differences_sum_to_the_difference_of_the_totals(old, new):
    before, after = (
        [line(name, amount_vnd=Decimal(amount)) for name, amount in rows] for rows in (old, new)
    )
    total = sum(c.difference_vnd for c in changes(before, after))
    assert total == sum(a for _, a in new) - sum(a for _, a in old)


@pytest.mark.parametrize(
    ("typed", "read"),
    [("1.234,5", "1234.5"), ("12,5", "12.5"), ("-3", "-3"), ("1.234.567", "1234567")],
)
def test_quantities_are_read_the_vietnamese_way(typed, read):
    assert NumberField().clean(typed) == Decimal(read)


def test_money_can_only_be_whole_dong():
    assert MoneyInput().clean("20.000") == 20_000
    with pytest.raises(forms.ValidationError, match="có thể là hai số"):
        NumberField().clean("20.000")
    with pytest.raises(forms.ValidationError, match="Gõ số"):
        MoneyInput().clean("hai nghìn")


@given(st.decimals("0.001", 99_999, places=3))
def test_what_is_shown_is_read_back(value):
    assert (
        NumberField(decimal_places=3, max_digits=14).clean(NumberField().prepare_value(value))
        == value
    )
