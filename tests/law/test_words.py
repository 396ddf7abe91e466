"""Amounts in words: what they say is the amount, whatever it is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpmb.law.words import LIMIT, number_in_words, vnd_in_words

SAID = {
    0: "không",
    5: "năm",
    10: "mười",
    11: "mười một",
    14: "mười bốn",
    15: "mười lăm",
    20: "hai mươi",
    21: "hai mươi mốt",
    24: "hai mươi tư",
    25: "hai mươi lăm",
    100: "một trăm",
    101: "một trăm linh một",
    105: "một trăm linh năm",
    110: "một trăm mười",
    115: "một trăm mười lăm",
    555: "năm trăm năm mươi lăm",
    1_000: "một nghìn",
    1_001: "một nghìn không trăm linh một",
    10_015: "mười nghìn không trăm mười lăm",
    1_000_000: "một triệu",
    1_000_005: "một triệu không trăm linh năm",
    2_031_116_000: "hai tỷ không trăm ba mươi mốt triệu một trăm mười sáu nghìn",
    1_000_000_000_000: "một nghìn tỷ",
    1_000_000_001: "một tỷ không trăm linh một",
}


@pytest.mark.parametrize("number", SAID)
def test_numbers_are_read_as_people_say_them(number: int) -> None:
    assert number_in_words(number) == SAID[number]


WORDS = {
    word: value
    for value, words in enumerate(
        ("không", "một mốt", "hai", "ba", "bốn tư", "năm lăm", "sáu", "bảy", "tám", "chín")
    )
    for word in words.split()
}


def heard(words: str) -> int:
    """Return the number that words say: the way back, written on its own."""
    above, billions, rest = words.rpartition("tỷ")
    if billions:
        return heard(above) * 1_000_000_000 + (heard(rest) if rest.strip() else 0)
    total, group, digit = 0, 0, 0
    for word in words.split():
        if word in WORDS:
            digit = WORDS[word]
        elif word == "trăm":
            group, digit = digit * 100, 0
        elif word == "mười":
            group, digit = group + 10, 0
        elif word == "mươi":
            group, digit = group + digit * 10, 0
        elif word in ("nghìn", "triệu"):
            total += (group + digit) * (1_000 if word == "nghìn" else 1_000_000)
            group, digit = 0, 0
        else:
            assert word == "linh", word
    return total + group + digit


@given(st.integers(0, LIMIT - 1))
def test_the_words_say_the_number(number: int) -> None:
    assert heard(number_in_words(number)) == number


@given(st.integers(0, 999_999_999_999))
def test_an_amount_is_a_sentence_s_beginning(amount: int) -> None:
    words = vnd_in_words(amount)
    assert words[0].isupper()
    assert words.endswith(" đồng")
    assert not re.search(r"\s\s|linh (mười|trăm)|mươi (một|bốn|năm)\b|mười (mốt|tư)", words)


@pytest.mark.parametrize("number", [-1, LIMIT])
def test_what_has_no_words_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="không đọc được"):
        number_in_words(number)
