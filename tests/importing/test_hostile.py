"""Files meant to break an import: a finding or a clear error, nothing written, no traceback."""

import copy
import json
import zipfile

import pytest

from gpmb.land.models import Parcel
from tests.importing.conftest import SHARED, layer

pytestmark = pytest.mark.django_db
EXAMPLES = sorted((SHARED / "geojson_invalid/examples").glob("*/*.geojson"))
CITY = (107.97, 21.50)
REACH = 0.02


def positions(value):
    if isinstance(value, list):
        if len(value) >= 2 and all(type(part) in (int, float) for part in value[:2]):
            yield value
        else:
            for part in value:
                yield from positions(part)
    elif isinstance(value, dict):
        for key in ("coordinates", "geometries", "geometry", "features"):
            yield from positions(value.get(key))


def moved(content, *, numbered):
    """The same oddity inside the city, a few hundred metres wide, with or without numbers."""
    content = copy.deepcopy(content)
    found = list(positions(content))
    if found:
        west, south = min(p[0] for p in found), min(p[1] for p in found)
        wide = max(max(p[0] for p in found) - west, max(p[1] for p in found) - south) or 1
        scale = min(1, REACH / wide)
        for p in found:
            p[0], p[1] = CITY[0] + (p[0] - west) * scale, CITY[1] + (p[1] - south) * scale
    features = content.get("features")
    for number, feature in enumerate(features if isinstance(features, list) else [content]):
        if numbered and isinstance(feature, dict) and isinstance(feature.get("properties"), dict):
            feature["properties"] |= {"to": 9, "thua": number + 1}
    return content


pytest_example = pytest.mark.parametrize("path", EXAMPLES, ids=[p.stem for p in EXAMPLES])
needs_examples = pytest.mark.skipif(not EXAMPLES, reason="needs ../shared/data")


@needs_examples
@pytest_example
def test_each_example_is_refused_with_a_reason(import_layer, path):
    result = import_layer(path)
    assert result.code == 1
    assert any(finding["severity"] == "error" for finding in result.report["findings"])
    assert not Parcel.objects.exists()


@needs_examples
@pytest_example
@pytest.mark.parametrize("numbered", [True, False], ids=["numbered", "as_is"])
def test_each_example_moved_into_the_city_ends_clearly(import_layer, tmp_path, path, numbered):
    there = tmp_path / path.name
    there.write_text(json.dumps(moved(json.loads(path.read_text()), numbered=numbered)))
    result = import_layer(there)
    assert result.code in {0, 1, 3}
    assert Parcel.objects.count() == (result.report["saved"] if result.code == 0 else 0)
    if result.code:
        assert result.codes
    if path.parent.name.startswith("invalid"):
        assert result.codes, "what is invalid is never taken in without a word"


def written(path, content):
    path.write_bytes(content)
    return path


def test_two_gigabytes_of_nothing(import_layer, tmp_path):
    path = tmp_path / "lop.gpkg"
    with path.open("wb") as file:
        file.truncate(2 * 1024**3)
    result = import_layer(path)
    assert (result.code, result.codes) == (1, {"unknown_format"})


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.geojson", b'{"type": "FeatureCollection", "features": [', "truncated"),
        ("a.geojson", b"\xff\xfe{}", "unknown_format"),
        ("a.gpkg", b"SQLite format 3\0" + b"\0" * 5000, "unreadable"),
        ("a.zip", b"PK\x03\x04" + b"\0" * 500, "zip_damaged"),
        ("a.kml", b"<kml><Placemark><name>", "truncated"),
        ("a.json", b'{"a":' + b"[" * 50_000, "json_too_deep"),
        ("a.gpkg", b"", "file_empty"),
    ],
)
def test_nonsense_ends_with_its_code(import_layer, tmp_path, name, content, code):
    result = import_layer(written(tmp_path / name, content))
    assert (result.code, result.codes) == (1, {code})
    assert result.report["applied"] is False


@pytest.mark.parametrize(
    ("member", "size", "code"),
    [("../../thua.shp", 10, "zip_unsafe_name"), ("a.shp", 64 * 1024**2, "zip_bomb")],
)
def test_a_hostile_zip_ends_with_its_code(import_layer, tmp_path, member, size, code):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, b"\0" * size)
    result = import_layer(path)
    assert (result.code, result.codes) == (1, {code})


def test_a_truncated_geopackage_ends_with_its_code(import_layer, tmp_path):
    path = tmp_path / "lop.gpkg"
    layer(50).to_file(path)
    whole = path.read_bytes()
    result = import_layer(written(path, whole[: len(whole) // 2]))
    assert result.code == 1
    assert result.codes <= {"unreadable", "truncated"}


def test_a_name_with_control_characters_and_markup_stays_text(import_layer):
    result = import_layer(layer(1, ghi_chu=["<script>alert(1)</script>\x07'; DROP TABLE x;--"]))
    assert result.code == 0


@pytest.mark.parametrize("place", ["ghi_chu", "so_to"])
def test_half_a_surrogate_pair_is_read_as_an_unknown_letter(import_layer, tmp_path, place):
    """No encoding can write it: neither a row, nor a report, nor a terminal."""
    path = tmp_path / "chu.geojson"
    layer(1, ghi_chu=["x"]).to_file(path, driver="GeoJSON")
    path.write_text(path.read_text().replace(f'"{place}"', f'"{place}\\ud800"'))
    path.write_text(path.read_text().replace('"x"', '"x\\udfff 😀 \\ud83d\\ude00"'))
    result = import_layer(path)
    assert result.code in {0, 1, 3}
    assert (result.message + str(result.report)).encode()


@pytest.mark.parametrize("name", ["hong.geojson", "dung_mot_dong.geojson"])
def test_writing_the_right_rows_is_offered_only_where_it_would_help(import_layer, tmp_path, name):
    path = tmp_path / name
    if name == "hong.geojson":
        path.write_text("[")
    else:
        rows = layer(2)
        rows.loc[0, "geometry"] = rows.geometry[0].centroid
        rows.to_file(path, driver="GeoJSON")
    result = import_layer(path)
    assert result.code == 1
    assert ("--accept-partial" in result.message) is (name != "hong.geojson")


def test_a_file_that_is_not_there_is_wrong_usage(import_layer, tmp_path):
    assert import_layer(tmp_path / "không có.gpkg").code == 2
