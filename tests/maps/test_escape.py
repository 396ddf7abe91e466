"""Nothing typed by a person becomes markup or script."""

import json

from hypothesis import given
from hypothesis import strategies as st

from maps import escape, legend, palette


@given(st.text())
def test_text_never_opens_a_tag_or_leaves_an_attribute(value: str) -> None:
    escaped = escape.text(value)
    assert not set("<>\"'") & set(escaped)


@given(st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=8))
def test_script_is_the_same_value_and_cannot_end_the_element(value: object) -> None:
    encoded = escape.script(value)
    assert not set("<>&\u2028\u2029") & set(encoded)
    assert json.loads(encoded) == value


def test_none_is_empty() -> None:
    assert escape.text(None) == ""


def test_a_label_in_a_legend_is_escaped() -> None:
    entry = legend.Entry("1", "<b>Hộ</b>", palette.STAGES[1], "12")
    drawn = legend.table([entry], "Chú giải & số thửa")
    assert "&lt;b&gt;Hộ&lt;/b&gt;" in drawn
    assert "<caption>Chú giải &amp; số thửa</caption>" in drawn
