"""Charts: the same figure as SVG and PNG, in Vietnamese, readable without seeing or colour."""

import datetime as dt
import xml.etree.ElementTree as ET

import pytest

from maps import charts, palette

SVG = "{http://www.w3.org/2000/svg}"
MONTHS = [dt.date(2023, month, 28) for month in range(1, 7)]


def curve(**more: object) -> charts.Chart:
    return charts.s_curve(
        actual=list(zip(MONTHS[:4], [0, 400, 900, 1500.5], strict=True)),
        plan=list(zip(MONTHS, [0, 500, 1200, 2100, 3200, 4200], strict=True)),
        as_of=MONTHS[3],
        unit="m² bàn giao",
        title="Kế hoạch & thực hiện",
        description="Thực hiện 1.500 trên kế hoạch 2.100",
        **more,  # type: ignore[arg-type]
    )


def by_ward() -> charts.Chart:
    return charts.stacked_bars(
        [("Hải Hòa", [3, 5, 2]), ("Trần Phú", [1, 0, 9])],
        charts.stage_segments(["Chưa triển khai", "Đã thông báo", "Đã kiểm đếm"]),
        unit="hồ sơ",
        title="Theo phường",
        description="Hồ sơ theo giai đoạn",
    )


def by_cause() -> charts.Chart:
    return charts.bars(
        [("Chờ bố trí đất TĐC", 1234.5), ("Chưa có giá đất cụ thể", 7)],
        unit="hồ sơ",
        title="Vướng mắc",
        description="Theo nguyên nhân",
        decimals=1,
    )


CHARTS = [curve, by_ward, by_cause]


def texts(drawn: str) -> list[str]:
    return [node.text or "" for node in ET.fromstring(drawn).iter(f"{SVG}text")]


@pytest.mark.parametrize("chart", CHARTS)
def test_a_chart_passes_a_policy_without_inline_style_or_script(chart: object) -> None:
    drawn = charts.svg(chart())  # type: ignore[operator]
    assert "style=" not in drawn
    assert "<style" not in drawn
    assert "<script" not in drawn
    assert "href=" not in drawn


def test_a_chart_tells_its_title_and_description_to_a_screen_reader() -> None:
    root = ET.fromstring(charts.svg(curve()))
    title, desc = root[0], root[1]
    assert (title.tag, title.text) == (f"{SVG}title", "Kế hoạch & thực hiện")
    assert (desc.tag, desc.text) == (f"{SVG}desc", "Thực hiện 1.500 trên kế hoạch 2.100")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"


def test_two_charts_on_a_page_share_no_id() -> None:
    found: list[set[str]] = []
    for chart in CHARTS:
        nodes = ET.fromstring(charts.svg(chart())).iter()
        found.append({node.get("id", "") for node in nodes} - {""})
    assert not (found[0] & found[1] | found[0] & found[2] | found[1] & found[2])


def test_numbers_and_months_are_written_the_vietnamese_way() -> None:
    assert "2.000" in texts(charts.svg(curve()))
    assert "03/2023" in texts(charts.svg(curve()))
    assert "1.234,5" in texts(charts.svg(by_cause()))


def test_the_first_plan_stays_beside_the_revised_one() -> None:
    names = {"Thực hiện", "Kế hoạch", "Kế hoạch gốc"}
    revised = curve(baseline=list(zip(MONTHS, [0, 600, 1400, 2500, 3600, 4200], strict=True)))
    assert names & set(texts(charts.svg(curve()))) == names - {"Kế hoạch gốc"}
    assert names <= set(texts(charts.svg(revised)))


def test_the_lines_of_a_curve_differ_without_colour() -> None:
    revised = curve(baseline=list(zip(MONTHS, [0, 600, 1400, 2500, 3600, 4200], strict=True)))
    lines = [
        node
        for node in ET.fromstring(charts.svg(revised)).iter(f"{SVG}path")
        if node.get("aria-roledescription") == "line mark"
    ]
    assert len({(n.get("stroke-dasharray"), n.get("stroke-width")) for n in lines}) == 3


def test_a_bar_has_a_segment_for_each_stage_in_its_colour() -> None:
    fills = [
        node.get("fill")
        for node in ET.fromstring(charts.svg(by_ward())).iter(f"{SVG}path")
        if node.get("aria-roledescription") == "bar"
    ]
    for stage in range(3):
        assert fills.count(palette.STAGES[stage].colour) == 2


def test_words_from_outside_are_escaped() -> None:
    chart = charts.bars(
        [("<script>x</script>", 1)], unit="", title="<b>", description='"&', decimals=0
    )
    drawn = charts.svg(chart)
    assert "<script" not in drawn
    assert "<b>" not in drawn


def test_a_chart_for_a_word_file_is_a_png() -> None:
    assert charts.png(curve()).startswith(b"\x89PNG")
