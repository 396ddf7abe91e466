"""`manage.py hotspots --cells`: a table in, a verdict in JSON out, no database."""

import json

import pytest
from django.core.management import CommandError, call_command

TINY = "q,r,n,c\n0,0,20,5\n10,0,20,0\n20,0,20,1\n30,0,40,1\n40,0,40,2\n50,0,30,0\n60,0,30,1\n"


def hotspots(tmp_path, text, **options):
    table, out = tmp_path / "cells.csv", tmp_path / "out.json"
    table.write_text(text, encoding="utf-8")
    call_command("hotspots", cells=table, json=out, **options)
    return json.loads(out.read_text(encoding="utf-8"))


def test_the_tiny_example_through_the_command(tmp_path):
    answer = hotspots(tmp_path, TINY)
    assert answer["verdict"] == "hot"
    single = [w for w in answer["windows"] if w["k"] == 0]
    assert [round(w["p"], 6) for w in single] == [
        0.001105, 1, 0.660226, 0.898711, 0.630394, 1, 0.811059,
    ]  # fmt: skip
    assert [w["q"] for w in single if w["hot"]] == [0]
    first = {key: single[0][key] for key in ("q", "r", "k", "O", "n", "E", "smr", "hot", "watch")}
    assert first == {
        "q": 0, "r": 0, "k": 0, "O": 5, "n": 20, "E": 1.0, "smr": 5.0, "hot": True, "watch": False,
    }  # fmt: skip


def test_windows_are_listed_with_their_p_when_there_is_not_enough_data(tmp_path):
    answer = hotspots(tmp_path, "q,r,n,c\n0,0,20,5\n10,0,60,1\n")
    assert answer["verdict"] == "not_enough_data"
    assert len(answer["windows"]) == 6
    assert all(0 < w["p"] <= 1 and not w["hot"] and not w["watch"] for w in answer["windows"])


def test_the_scan_names_its_cells_and_repeats(tmp_path):
    rows = [(q, r, 30, 12 if (q, r) == (0, 0) else q % 2) for q in range(6) for r in range(6)]
    text = "q,r,n,c\n" + "".join(f"{q},{r},{n},{c}\n" for q, r, n, c in rows)
    answer = hotspots(tmp_path, text)
    first = answer["scan"][0]
    assert first["cells"] == [[0, 0]]
    assert first["p"] == 0.001
    assert first["llr"] > 10
    assert hotspots(tmp_path, text) == answer


def test_the_order_of_lines_and_columns_does_not_matter(tmp_path):
    head, *lines = TINY.splitlines()
    turned = [",".join(reversed(line.split(","))) for line in [head, *reversed(lines)]]
    assert hotspots(tmp_path, "\n".join(turned)) == hotspots(tmp_path, TINY)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("q,r,n\n0,0,1\n", "thiếu cột c"),
        ("", "thiếu cột q, r, n, c"),
        ("q,r,n,c\n0,0,20,5\n1,0,x,1\n", "Dòng 3, cột n: “x”"),
        ("q,r,n,c\n0,0,5,6\n", "Dòng 2: cần 0 ≤ c ≤ n"),
        ("q,r,n,c\n0,0,5,1\n0,0,6,1\n", "Dòng 3: ô (0, 0) đã có ở dòng 2"),
    ],
)
def test_a_bad_table_is_refused_where_and_why(tmp_path, text, message):
    with pytest.raises(CommandError) as error:
        hotspots(tmp_path, text)
    assert message in str(error.value)
    assert not (tmp_path / "out.json").exists()


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(CommandError, match="Không đọc được tệp"):
        call_command("hotspots", cells=tmp_path / "none.csv")
