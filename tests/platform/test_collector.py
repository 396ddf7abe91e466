"""The pause of the cycle collector ends with the reading, whatever happens."""

import gc

import pytest

from gpmb import collector


def test_the_collector_rests_and_comes_back() -> None:
    with collector.paused():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_failing_list_leaves_the_collector_on() -> None:
    with pytest.raises(ValueError, match="hỏng"), collector.paused():
        raise ValueError("hỏng")
    assert gc.isenabled()


def test_a_pause_within_a_pause_does_not_end_it() -> None:
    with collector.paused():
        with collector.paused():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
