"""Layers made on the spot, in the province's own plane, and the command that imports them."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas
import pytest
import shapely
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from tests import factories

SHARED = Path(__file__).parents[3] / "shared/data"
SIDE = 20.0


def square(column: int, row: int = 0, side: float = SIDE) -> shapely.Polygon:
    west = settings.PROVINCE.bounds[0] + 50_000 + column * SIDE
    south = settings.PROVINCE.bounds[1] + 50_000 + row * SIDE
    return shapely.box(west, south, west + side, south + side)


def layer(count: int = 4, **columns: Any) -> geopandas.GeoDataFrame:
    """`count` squares in a row, sheet 5, parcels 1 …; `columns` replace or add."""
    values: dict[str, Any] = {
        "so_to": [5] * count,
        "so_thua": [str(n + 1) for n in range(count)],
        "dien_tich": [SIDE * SIDE] * count,
    }
    geometry = columns.pop("geometry", [square(n) for n in range(count)])
    return geopandas.GeoDataFrame(values | columns, geometry=geometry, crs=settings.SRID)


@dataclass
class Outcome:
    """Exit code, report and message of a command."""

    code: int
    report: dict[str, Any]
    message: str

    @property
    def codes(self) -> set[str]:
        return {finding["code"] for finding in self.report.get("findings", [])}

    def of(self, code: str) -> list[dict[str, Any]]:
        return [finding for finding in self.report["findings"] if finding["code"] == code]

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Created, changed, unchanged, refused."""
        report = self.report
        return report["created"], report["changed"], report["unchanged"], report["refused"]


def run_command(name: str, path: Path, tmp_path: Path, **options: Any) -> Outcome:
    report = tmp_path / "report.json"
    report.unlink(missing_ok=True)
    code, message = 0, ""
    try:
        call_command(name, str(path), report=report, stdout=io.StringIO(), **options)
    except CommandError as error:
        code, message = error.returncode, str(error)
    content = json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}
    if content:
        assert content["saved"] == content["created"] + content["changed"] + content["unchanged"]
        assert content["read"] == content["saved"] + content["refused"]
        for finding in content["findings"]:
            assert set(finding) == {"row", "column", "severity", "code", "message"}
            assert finding["severity"] in {"error", "warning"}
            assert len(finding["message"]) > 10
    return Outcome(code, content, message)


@pytest.fixture
def project(today):
    unit = factories.AdministrativeUnitFactory(code="06742", name="Hải Hòa")
    project = factories.ProjectFactory(code="CCN-01")
    project.units.add(unit)
    return project


@pytest.fixture
def import_layer(project, tmp_path) -> Callable[..., Outcome]:
    """Write a frame (or take a path) and import it into the project."""

    def run(given: Any, name: str = "lop.gpkg", **options: Any) -> Outcome:
        path = given
        if isinstance(given, geopandas.GeoDataFrame):
            path = tmp_path / name
            path.unlink(missing_ok=True)
            given.to_file(path)
        return run_command("import_parcels", path, tmp_path, project=project.code, **options)

    return run


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip("needs ../shared/data, which is not here")
    return path
