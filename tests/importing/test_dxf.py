"""A drawing imports like any other layer: what it doesn't say is asked, what it holds is kept."""

import ezdxf
import pytest

from gpmb.clearance.models import Taking, TakingPart
from gpmb.land.models import ParcelNumber
from gpmb.reference.models import LandClass
from tests.factories import LandClassFactory
from tests.importing.conftest import SIDE, square

pytestmark = pytest.mark.django_db
CRS = "EPSG:5899"


@pytest.fixture
def drawing(tmp_path):
    """Three squares drawn as lines, shared edges once; `label` writes on a layer."""
    doc = ezdxf.new("R2010")
    space = doc.modelspace()
    west, south, _, north = square(0).bounds
    for n in range(4):
        x = west + n * SIDE
        space.add_line((x, south), (x, north), dxfattribs={"layer": "10"})
    for y in (south, north):
        space.add_line((west, y), (west + 3 * SIDE, y), dxfattribs={"layer": "10"})

    def label(number, words, layer):
        at = square(number).centroid
        space.add_text(words, dxfattribs={"layer": layer, "insert": (at.x, at.y)})

    def save():
        doc.saveas(tmp_path / "ban-ve.dxf")
        return tmp_path / "ban-ve.dxf"

    label.save = save
    return label


def test_the_coordinate_system_is_asked_for(drawing, import_layer):
    drawing(0, "5/85", "13")
    outcome = import_layer(drawing.save())
    assert outcome.code == 3
    assert outcome.codes >= {"crs_missing"}
    assert CRS in outcome.message


def test_labels_bring_number_class_and_area(drawing, import_layer):
    LandClassFactory(code="LUC")
    for n in range(3):
        drawing(n, f"5/{85 + n}", "13")
        drawing(n, "LUC", "2")
        drawing(n, "399.5", "4")
    outcome = import_layer(drawing.save(), crs=CRS)
    assert outcome.counts == (3, 0, 0, 0), outcome.report
    assert "dxf_read" in outcome.codes
    assert set(ParcelNumber.objects.values_list("key", flat=True)) == {"5/85", "5/86", "5/87"}
    assert {float(t.recovered_area_m2) for t in Taking.objects.all()} == {399.5}
    luc = LandClass.objects.get(code="LUC", circular="25/2014/TT-BTNMT")
    assert TakingPart.objects.filter(land_class=luc).count() == 3


def test_a_number_without_a_sheet_asks_for_it(drawing, import_layer):
    for n in range(3):
        drawing(n, str(85 + n), "13")
    asked = import_layer(drawing.save(), crs=CRS)
    assert asked.code == 3
    assert "--sheet" in asked.message
    told = import_layer(drawing.save(), crs=CRS, sheet="5")
    assert told.counts == (3, 0, 0, 0)
    assert ParcelNumber.objects.filter(key="5/86").exists()


def test_the_same_drawing_twice_changes_nothing(drawing, import_layer):
    for n in range(3):
        drawing(n, f"5/{85 + n}", "13")
    import_layer(drawing.save(), crs=CRS)
    assert import_layer(drawing.save(), crs=CRS).counts == (0, 0, 3, 0)


def test_a_damaged_drawing_is_a_finding(tmp_path, import_layer):
    path = tmp_path / "hong.dxf"
    path.write_bytes(b"  0\nSECTION\n  2\nENTITIES\n  0\nLINE\n 10\nmuoi\n")
    outcome = import_layer(path, crs=CRS)
    assert outcome.code == 1
    assert outcome.codes == {"dxf_damaged"}
    assert "--recover" in outcome.report["findings"][0]["message"]
