"""Headers are understood without diacritics; numbers the Vietnamese way; doubt is asked about."""

from decimal import Decimal

import pytest

from gpmb.importing.columns import ParcelField, map_columns, parse_answers, split_sheet_number
from gpmb.importing.findings import Question, WrongUsage
from gpmb.importing.numbers import Ambiguous, number

F = ParcelField


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("to", F.SHEET),
        ("Tờ bản đồ", F.SHEET),
        ("SO_TO", F.SHEET),
        ("Số thửa", F.NUMBER),
        ("thua", F.NUMBER),
        ("Diện tích (m2)", F.AREA),
        ("dt_thu_hoi", F.RECOVERED_AREA),
        ("MĐSD", F.LAND_CLASS),
        ("chu_sd", F.HOLDER),
        ("ĐỊA CHỈ", F.ADDRESS),
    ],
)
def test_a_header_is_understood(header, field):
    assert map_columns([header], {}).of == {field: header}


def test_unknown_columns_are_left_out():
    assert map_columns(["fid", "shape_leng"], {}).ignored == ("fid", "shape_leng")


def test_an_answer_rules_over_a_synonym():
    found = map_columns(["dt", "dien_tich", "x"], parse_answers(["x=dien_tich", "dt=skip"]))
    assert found.of == {F.AREA: "x"}


def test_two_candidates_are_a_question_with_both():
    with pytest.raises(Question, match=r"dien_tich=area.*dt=area"):
        map_columns(["dien_tich", "dt"], {})


@pytest.mark.parametrize("answer", ["x", "=to", "x=", "x=khongbiet"])
def test_an_answer_that_says_nothing_is_wrong_usage(answer):
    with pytest.raises(WrongUsage):
        parse_answers([answer])


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("5/85", ("5", "85")),
        ("T5-85", ("5", "85")),
        ("tờ 05 thửa 263A", ("05", "263A")),
        ("Tờ 5, thửa 85", ("5", "85")),
        ("abc", None),
        ("5/85/3", None),
    ],
)
def test_sheet_and_number_are_split(text, pair):
    assert split_sheet_number(text) == pair


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234,5", "1234.5"),
        ("1,234.5", "1234.5"),
        ("1 234,5", "1234.5"),
        ("1.234.567", "1234567"),
        ("12,5", "12.5"),
        ("1860.9", "1860.9"),
        ("0.125", "0.125"),
        ("350 m2", "350"),
        ("1234.567", "1234.567"),
    ],
)
def test_a_number_is_read(text, value):
    assert number(text) == Decimal(value)


@pytest.mark.parametrize("text", ["20.000", "1,234"])
def test_a_number_that_could_be_two_is_not_guessed(text):
    with pytest.raises(Ambiguous):
        number(text)


@pytest.mark.parametrize("text", ["", "-3", "1,2,3", "12a", "1.23.456", "nan", "inf"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        number(text)
