"""Fixtures of the tests that need the law's numbers."""

import datetime as dt

import pytest

from gpmb.reference.loading import load


@pytest.fixture
def rules(db: None) -> None:
    """The rule rows and holidays as a new installation has them."""
    load()


def last_day(sentence: str) -> dt.date:
    """The dd/mm/yyyy a refusal ends with."""
    day, month, year = map(int, sentence.rstrip(".").rsplit(" ", 1)[-1].split("/"))
    return dt.date(year, month, day)
