"""Drawings: polygons from lines, labels joined, all said; a hostile drawing gets a code."""

from itertools import pairwise

import ezdxf
import pytest
import shapely

from geo import tcvn3
from geo.files import FileError, LayerChoice, dxf, open_layer

X, Y = 522_000.0, 2_381_000.0


def drawing(tmp_path, name="ban-ve.dxf", version="R2010", **options):
    doc = ezdxf.new(version, **options)

    def save():
        doc.saveas(tmp_path / name)
        return tmp_path / name

    return doc.modelspace(), save


def line(space, *points, layer="10"):
    for a, b in pairwise(points):
        space.add_line(*((X + x, Y + y) for x, y in (a, b)), dxfattribs={"layer": layer})


def ring(space, *points, layer="10"):
    at = [(X + x, Y + y) for x, y in points]
    space.add_lwpolyline(at, close=True, dxfattribs={"layer": layer})


def box(space, west, south=0, side=20, layer="10"):
    ring(
        space,
        (west, south),
        (west + side, south),
        (west + side, south + side),
        (west, south + side),
        layer=layer,
    )


def text(space, words, x, y, layer="13"):
    space.add_text(words, dxfattribs={"layer": layer, "insert": (X + x, Y + y)})


def two_parcels_of_lines(space):
    """A frame of lines with one dividing line: the shared edge is drawn once."""
    line(space, (0, 0), (40, 0), (40, 20), (0, 20), (0, 0))
    line(space, (20, 0), (20, 20))


def read(path, **options):
    with open_layer(path, **options) as source:
        (chunk,) = source.chunks() if source.layer.encoding else [None]
        return source.layer, chunk


def said(layer):
    return dict(layer.notes)


def test_lines_that_share_an_edge_close_into_polygons(tmp_path):
    space, save = drawing(tmp_path)
    two_parcels_of_lines(space)
    layer, chunk = read(save())
    assert (layer.format, layer.count, layer.srid) == ("DXF", 2, None)
    assert layer.crs_problem
    assert sorted(shapely.area(chunk.geometry)) == [400, 400]


@pytest.mark.parametrize(("gap", "polygons"), [(0.04, 2), (0.06, 1)])
def test_a_gap_is_bridged_within_the_tolerance_and_reported_beyond(tmp_path, gap, polygons):
    space, save = drawing(tmp_path)
    line(space, (0, 0), (40, 0), (40, 20), (0, 20), (0, 0))
    line(space, (20, gap), (20, 20))
    layer, _ = read(save())
    assert layer.count == polygons
    assert ("gaps_snapped" in said(layer)) == (polygons == 2)
    assert ("dangles" in said(layer)) == (polygons == 1)


def test_a_polyline_whose_ends_nearly_meet_is_closed(tmp_path):
    space, save = drawing(tmp_path)
    line(space, (0, 0), (20, 0), (20, 20), (0, 20), (0.02, 0.03))
    layer, chunk = read(save())
    assert layer.count == 1
    assert chunk.geometry[0].area == pytest.approx(400, abs=1)


def test_an_overshoot_closes_too(tmp_path):
    space, save = drawing(tmp_path)
    line(space, (0, 0), (40, 0), (40, 20), (0, 20), (0, 0))
    line(space, (20, -0.03), (20, 20.02))
    layer, _ = read(save())
    assert layer.count == 2
    assert "dangles" not in said(layer)


def test_labels_become_columns_of_the_polygon_they_stand_in(tmp_path):
    space, save = drawing(tmp_path)
    two_parcels_of_lines(space)
    for words, x, layer in [
        ("85", 5, "13"),
        ("LUC", 5, "2"),
        ("400.0", 5, "4"),
        ("5/86", 25, "0"),
    ]:
        text(space, words, x, 10, layer)
    layer, chunk = read(save())
    assert set(layer.columns) == {"so_thua", "loai_dat", "dien_tich", "to_thua"}
    rows = {chunk.columns["so_thua"][i]: i for i in range(2)}
    assert chunk.columns["to_thua"][rows[None]] == "5/86"
    assert chunk.columns["loai_dat"][rows["85"]] == "LUC"
    assert chunk.columns["dien_tich"][rows["85"]] == "400.0"


def test_a_text_layer_with_a_name_is_a_column_of_that_name(tmp_path):
    space, save = drawing(tmp_path)
    box(space, 0)
    text(space, "85", 5, 10, "SO_THUA")
    _, chunk = read(save())
    assert chunk.columns == {"SO_THUA": ["85"]}


def test_labels_in_blocks_and_their_attributes_are_read(tmp_path):
    space, save = drawing(tmp_path)
    block = space.doc.blocks.new("NHAN")
    block.add_mtext("{\\fArial|b0;5/85}", dxfattribs={"insert": (1, 1), "layer": "0"})
    block.add_attdef("LOAI_DAT", (0, 0))
    box(space, 0)
    placed = space.add_blockref("NHAN", (X + 5, Y + 5), dxfattribs={"layer": "NHAN"})
    placed.add_attrib("LOAI_DAT", "LUC", (X + 6, Y + 6))
    _, chunk = read(save())
    assert chunk.columns == {"LOAI_DAT": ["LUC"], "to_thua": ["5/85"]}


def test_a_centred_label_stands_where_it_is_shown(tmp_path):
    space, save = drawing(tmp_path)
    two_parcels_of_lines(space)
    label = space.add_text("7/1", height=2)
    label.set_placement((X + 30, Y + 10), align=ezdxf.enums.TextEntityAlignment.MIDDLE_CENTER)
    label.dxf.insert = (X + 10, Y + 10)  # the stale point that CAD programs leave behind
    _, chunk = read(save())
    at = chunk.columns["to_thua"].index("7/1")
    assert chunk.geometry[at].bounds[0] == X + 20


def test_number_over_area_is_the_number_and_the_area(tmp_path):
    space, save = drawing(tmp_path)
    box(space, 0)
    text(space, "85/400,0", 5, 10)
    _, chunk = read(save())
    assert chunk.columns == {"so_thua": ["85"], "dien_tich": ["400,0"]}


def stroke(space, x, y):
    line(space, (x - 2, y), (x + 6, y), layer="NET")


@pytest.mark.parametrize(
    ("upper", "lower", "stroked", "columns"),
    [
        ("85", "400", False, {"so_thua": ["85"], "dien_tich": ["400"]}),
        ("85", "400,2", True, {"so_thua": ["85"], "dien_tich": ["400,2"]}),
        ("5", "85", True, {"to_thua": ["5/85"]}),
    ],
)
def test_two_numbers_one_above_the_other_are_one_label(tmp_path, upper, lower, stroked, columns):
    space, save = drawing(tmp_path)
    box(space, 0)
    text(space, upper, 5, 11, "NHAN")
    text(space, lower, 5, 8, "NHAN")
    if stroked:
        stroke(space, 5, 10)
    _, chunk = read(save(), layer="10")
    assert chunk.columns == columns


def test_two_numbers_one_above_the_other_may_be_two_parcels(tmp_path):
    space, save = drawing(tmp_path)
    box(space, 0)
    text(space, "85", 5, 16)
    text(space, "86", 5, 4)
    _, chunk = read(save())
    assert [problem.code for problem in chunk.problems] == ["label_several"]


@pytest.mark.parametrize("words", ["\\S85/400;", "85\\P400,0", "85^J400"])
def test_a_label_of_two_lines_is_number_over_area(tmp_path, words):
    space, save = drawing(tmp_path)
    box(space, 0)
    space.add_mtext(words, dxfattribs={"layer": "NHAN", "insert": (X + 5, Y + 10)})
    _, chunk = read(save())
    assert chunk.columns["so_thua"] == ["85"]


def test_a_curve_closes_a_parcel(tmp_path):
    space, save = drawing(tmp_path)
    line(space, (0, 0), (20, 0), (20, 20), (0, 20))
    curve = [(X, Y + 20), (X - 3, Y + 10), (X, Y)]
    space.add_spline(curve, dxfattribs={"layer": "10"})
    _, chunk = read(save())
    assert 430 < shapely.area(chunk.geometry)[0] < 445


def test_names_of_layers_in_an_old_font_are_read(tmp_path):
    space, save = drawing(tmp_path)
    box(space, 0, layer="Ranh thöa")
    text(space, "85", 5, 10, "Sè thöa")
    layer, chunk = read(save())
    assert (layer.name, chunk.columns) == ("Ranh thửa", {"Số thửa": ["85"]})


def test_a_drawing_in_millimetres_is_refused_for_its_unit(tmp_path):
    space, save = drawing(tmp_path)
    at = [(1000 * (X + x), 1000 * (Y + y)) for x, y in ((0, 0), (20, 0), (20, 20))]
    space.add_lwpolyline(at, close=True, dxfattribs={"layer": "10"})
    with pytest.raises(FileError, match="mi-li-mét") as refused:
        read(save())
    assert refused.value.code == "dxf_units"


def test_a_drawing_without_lines_says_what_there_is(tmp_path):
    space, save = drawing(tmp_path)
    space.add_hatch().paths.add_polyline_path([(X, Y), (X + 20, Y), (X, Y + 20)])
    text(space, "5/85", 5, 5)
    with pytest.raises(FileError, match="có: 1 HATCH, 1 chữ"):
        read(save())


def test_a_number_that_happens_to_be_its_area_is_still_a_number(tmp_path):
    space, save = drawing(tmp_path)
    for at, words in enumerate(["5/400", "5/86", "5/87"]):
        box(space, 30 * at)
        text(space, words, 30 * at + 5, 10)
    _, chunk = read(save())
    assert chunk.columns["to_thua"] == ["5/400", "5/86", "5/87"]


def test_two_numbers_in_one_polygon_are_a_problem_of_it(tmp_path):
    space, save = drawing(tmp_path)
    box(space, 0)
    text(space, "85", 5, 10)
    text(space, "86", 15, 10)
    _, chunk = read(save())
    assert [(p.code, p.severity) for p in chunk.problems] == [("label_several", "error")]


def test_what_is_read_and_left_out_is_counted(tmp_path):
    space, save = drawing(tmp_path)
    box(space, 0)
    box(space, 100, layer="KHUNG")
    text(space, "5/1", 5, 5)
    text(space, "5/9", 500, 500)
    space.add_point((X, Y))
    space.add_3dface([(X, Y), (X + 1, Y), (X + 2, Y + 3)], dxfattribs={"layer": "10"})
    layer, _ = read(save(), layer="10")
    words = said(layer)["dxf_read"]
    assert words.startswith("Đọc 6 đối tượng: 1 đường trên lớp 10 khép thành 1 thửa, 2 chữ; bỏ 4")
    for left in ("1 POINT", "1 3DFACE", "1 đường trên lớp KHUNG", "1 chữ ngoài mọi thửa"):
        assert left in words


def test_faces_without_a_label_are_left_out_and_said(tmp_path):
    space, save = drawing(tmp_path)
    two_parcels_of_lines(space)
    text(space, "5/1", 5, 5)
    layer, _ = read(save())
    assert layer.count == 1
    assert "faces_without_label" in said(layer)


def test_a_ring_without_label_in_another_is_a_hole_and_with_one_a_parcel(tmp_path):
    space, save = drawing(tmp_path)
    box(space, 0, side=100)
    box(space, 10, 10)
    box(space, 60, 60)
    text(space, "5/1", 5, 5)
    text(space, "5/2", 65, 65)
    _, chunk = read(save())
    areas = dict(zip(chunk.columns["to_thua"], shapely.area(chunk.geometry), strict=True))
    assert areas == {"5/1": 10_000 - 400 - 400, "5/2": 400}


def test_numbered_parts_are_one_parcel(tmp_path):
    space, save = drawing(tmp_path)
    box(space, 0)
    box(space, 50)
    text(space, "5/1 (1/2)", 5, 5)
    text(space, "5/1 (2/2)", 55, 5)
    layer, chunk = read(save())
    assert layer.count == 1
    assert chunk.columns == {"to_thua": ["5/1"]}
    assert len(chunk.geometry[0].geoms) == 2


def test_boundary_layer_is_the_standard_one_else_asked_for(tmp_path):
    space, save = drawing(tmp_path)
    box(space, 0, layer="Level 10")
    box(space, 100, layer="DUONG")
    assert read(save())[0].name == "Level 10"
    space, save = drawing(tmp_path)
    box(space, 0, layer="RANH")
    box(space, 100, layer="DUONG")
    with pytest.raises(LayerChoice) as choice:
        read(save())
    assert choice.value.layers == ["DUONG", "RANH"]
    assert read(save(), layer="RANH")[0].count == 1


def test_arcs_become_chords(tmp_path):
    space, save = drawing(tmp_path)
    space.add_circle((X, Y), 10, dxfattribs={"layer": "10"})
    _, chunk = read(save())
    assert chunk.geometry[0].area == pytest.approx(314.159, rel=0.002)


@pytest.mark.parametrize("version", ["R2000", "R2010"])
def test_tcvn3_text_is_noticed_and_read(tmp_path, version):
    words = "Đất trồng lúa nước, đường, hộ ông Nguyễn Văn"
    bytes_of = {letter: code for code, letter in tcvn3._TABLE.items()}
    as_latin = "".join(chr(bytes_of.get(letter, ord(letter))) for letter in words)
    space, save = drawing(tmp_path, version=version)
    box(space, 0)
    text(space, as_latin, 5, 5, "GHI_CHU")
    layer, chunk = read(save())
    assert (layer.encoding, layer.encoding_guessed) == ("tcvn3", True)
    assert chunk.columns["GHI_CHU"] == [words]


def test_unicode_text_stays(tmp_path):
    space, save = drawing(tmp_path)
    box(space, 0)
    text(space, "Đất trồng lúa ở Hải Hòa", 5, 5, "GHI_CHU")
    layer, chunk = read(save())
    assert (layer.encoding, layer.encoding_guessed) == ("utf-8", False)
    assert chunk.columns["GHI_CHU"] == ["Đất trồng lúa ở Hải Hòa"]


def code_of(path, **options):
    with pytest.raises(FileError) as caught:
        read(path, **options)
    assert caught.value.message[-1] in ".…", "a message is a sentence"
    return caught.value.code


def test_a_drawing_of_nothing_and_an_unknown_layer(tmp_path):
    space, save = drawing(tmp_path)
    assert code_of(save()) == "layer_missing"
    box(space, 0)
    assert code_of(save(), layer="99") == "layer_unknown"


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.95])
def test_a_cut_drawing_is_refused_and_taken_only_when_told(tmp_path, keep):
    space, save = drawing(tmp_path)
    for n in range(20):
        box(space, 30 * n)
    path = save()
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    assert code_of(path) in ("dxf_damaged", "layer_missing")


def test_a_damaged_drawing_is_recovered_when_told(tmp_path):
    space, save = drawing(tmp_path)
    box(space, 0)
    path = save()
    path.write_bytes(path.read_bytes()[:-200])
    assert code_of(path) == "dxf_damaged"
    assert read(path, recover=True)[0].count == 1


@pytest.mark.parametrize(
    "body",
    [
        b"0\nSECTION\n",
        b"  0\nSECTION\n  2\nENTITIES\n  0\nLINE\n 10\nkhong phai so\n",
        b"0\nSECTION\n" * 50,
    ],
)
def test_garbage_after_a_good_beginning_is_a_finding(tmp_path, body):
    path = tmp_path / "x.dxf"
    path.write_bytes(body)
    assert code_of(path) in ("dxf_damaged", "layer_missing")


@pytest.mark.parametrize("head", [b"AC1027", b"\x08\x09\xfe\x02", b"\xd0\xcf\x11\xe0\xa1\xb1"])
def test_other_drawings_are_named(tmp_path, head):
    path = tmp_path / "x.dxf"
    path.write_bytes(head + bytes(100))
    assert code_of(path) == "drawing_not_dxf"


def test_blocks_that_multiply_are_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(dxf.drawing, "MAX_ELEMENTS", 1000)
    space, save = drawing(tmp_path)
    inner = space.doc.blocks.new("A0")
    inner.add_line((0, 0), (1, 1), dxfattribs={"layer": "10"})
    for depth in range(1, 5):
        block = space.doc.blocks.new(f"A{depth}")
        for _ in range(10):
            block.add_blockref(f"A{depth - 1}", (0, 0))
    space.add_blockref("A4", (X, Y))
    assert code_of(save()) == "dxf_too_many"


def test_a_block_inserted_in_a_huge_grid_is_stopped(tmp_path):
    space, save = drawing(tmp_path)
    space.doc.blocks.new("O").add_line((0, 0), (1, 1), dxfattribs={"layer": "10"})
    grid = {"row_count": 30_000, "column_count": 30_000, "row_spacing": 1, "column_spacing": 1}
    space.add_blockref("O", (X, Y), dxfattribs=grid)
    assert code_of(save()) == "dxf_too_many"


def test_a_block_that_holds_itself_ends(tmp_path):
    space, save = drawing(tmp_path)
    block = space.doc.blocks.new("V")
    block.add_blockref("V", (0, 0))
    space.add_blockref("V", (X, Y))
    box(space, 0)
    layer, _ = read(save())
    assert layer.count == 1
    assert "khối lồng quá" in said(layer)["dxf_read"]


def test_coordinates_out_of_the_world_are_left_out(tmp_path):
    space, save = drawing(tmp_path)
    box(space, 0)
    line(space, (0, 0), (1e300, 0))
    space.add_circle((X, Y), 1e200, dxfattribs={"layer": "10"})
    layer, _ = read(save())
    assert "1 LINE không hợp lệ" in said(layer)["dxf_read"]
    assert "1 CIRCLE không hợp lệ" in said(layer)["dxf_read"]


def test_a_drawing_too_large_is_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr(dxf.drawing, "MAX_BYTES", 1000)
    space, save = drawing(tmp_path)
    box(space, 0)
    assert code_of(save()) == "dxf_too_large"
