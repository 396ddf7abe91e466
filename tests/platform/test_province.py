"""The same migrations serve another province, also one whose zone PostGIS 3.3 lacks."""

import importlib
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from django.db import connection

from geo import crs

ROOT = Path(__file__).parents[2]
LACKING = 9210


@pytest.mark.parametrize(("code", "srid"), [("22", 5899), ("51", 5898)])
def test_migrations_take_the_zone_of_the_province(code: str, srid: int):
    assert crs.province(code).srid == srid
    done = subprocess.run(
        [sys.executable, "manage.py", "sqlmigrate", "land", "0001"],
        cwd=ROOT,
        env=os.environ | {"GPMB_PROVINCE": code},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f'"boundary" geometry(MULTIPOLYGON,{srid})' in done.stdout
    other = {5899, 5898} - {srid}
    assert f",{other.pop()})" not in done.stdout


@pytest.mark.django_db
def test_a_zone_that_postgis_lacks_gets_its_row_and_transforms(monkeypatch: pytest.MonkeyPatch):
    migration = importlib.import_module("gpmb.migrations.0001_database")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM spatial_ref_sys WHERE srid = %s", [LACKING])
    monkeypatch.setattr(migration, "settings", SimpleNamespace(SRID=LACKING))
    migration.add_zone(None, SimpleNamespace(connection=connection))
    east, north = 580_000.0, 1_200_000.0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_X(g), ST_Y(g) FROM (SELECT ST_Transform("
            "ST_SetSRID(ST_MakePoint(%s, %s), %s), 4326) AS g) AS moved",
            [east, north, LACKING],
        )
        found = np.array(cursor.fetchone())
    wanted = crs.transform_points(np.array([[east, north]]), LACKING, 4326)[0]
    assert np.abs(found - wanted).max() < 1e-8
