"""How long the one-file briefing map takes, beside a plain Folium GeoJson of the same parcels.

    ./manage.py make_demo
    python -m tests.bench.briefing

One run on one database: some 6,000 takings of the demo city. Exit code 1 when a limit is missed.
"""

# ruff: noqa: E402  (settings are configured before models are imported)
from __future__ import annotations

import os
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gpmb.settings")
os.environ.setdefault("GPMB_DEBUG", "1")

import django

django.setup()

import folium
import geopandas
import shapely
from django.contrib.gis.db.models.functions import AsWKB, Transform

from gpmb.analysis.selection import stage_on
from gpmb.clearance.clock import today
from gpmb.clearance.models import Taking
from gpmb.reports import briefing
from maps import palette

MOST_S, MOST_MB = 20.0, 5.0


def plain() -> str:
    """What people write: every parcel a feature of a Folium GeoJson."""
    on = today()
    rows = (
        Taking.objects.filter(project__restricted=False, boundary__isnull=False)
        .live(on=on)
        .annotate(stage_then=stage_on(on, on), shape=AsWKB(Transform("boundary", 4326)))
        .values_list("stage_then", "project__name", "recovered_area_m2", "shape")
    )
    frame = geopandas.GeoDataFrame(
        [(stage, name, float(area)) for stage, name, area, _ in rows],
        columns=["stage", "project", "area_m2"],
        geometry=shapely.from_wkb([bytes(row[3]) for row in rows]),
        crs=4326,
    )
    canvas = folium.Map()
    folium.GeoJson(
        frame,
        style_function=lambda f: {"fillColor": palette.STAGES[f["properties"]["stage"]].colour},
        tooltip=folium.GeoJsonTooltip(["project", "area_m2"]),
    ).add_to(canvas)
    return canvas.get_root().render()


def main() -> int:
    on = today()
    begun = time.perf_counter()
    ours = briefing.build(on=on, today=on)
    ours_s = time.perf_counter() - begun
    begun = time.perf_counter()
    theirs = plain()
    theirs_s = time.perf_counter() - begun
    ours_mb, theirs_mb = len(ours.encode()) / 1e6, len(theirs.encode()) / 1e6
    print(f"takings            {briefing.takings_in(ours):>8}")
    print(
        f"briefing file      {ours_s:>8.1f} s {ours_mb:>6.1f} MB  (most {MOST_S} s, {MOST_MB} MB)"
    )
    print(f"Folium GeoJson     {theirs_s:>8.1f} s {theirs_mb:>6.1f} MB, and asks other hosts")
    print(f"ratio              {ours_s / theirs_s:>8.2f}   {ours_mb / theirs_mb:>6.2f}")
    return int(ours_s > MOST_S or ours_mb > MOST_MB)


if __name__ == "__main__":
    sys.exit(main())
