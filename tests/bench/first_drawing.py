"""Seconds until a browser shows the first parcels: our page, and Folium's own GeoJson."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import folium
from django.conf import settings
from django.contrib.gis.db.models.functions import AsGeoJSON, Transform
from django.contrib.gis.geos import Point
from playwright.sync_api import Page, sync_playwright

from gpmb.accounts.models import User
from gpmb.clearance.models import Taking
from maps.assets import VENDOR
from maps.document import document
from tests.browser.conftest import CHROMIUM, FLAGS, LAPTOP

PORT = 8791
HOST = f"http://127.0.0.1:{PORT}"
LIMIT_S = 60


def measure(cookie: str, user: User) -> tuple[float, float, int]:
    """Return seconds of our page, seconds of the plain page, and its number of shapes."""
    # What a reader sees first is settled: a second visit finds files and code warm.
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "gpmb.wsgi", "-b", f"127.0.0.1:{PORT}", "-w", "2"],
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(HOST + "/healthz")
        page_address, markup, shapes = _centre(), *_plain(user)
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            context = browser.new_context(viewport=LAPTOP, locale="vi-VN")
            name, _, value = cookie.partition("=")
            context.add_cookies([{"name": name, "value": value, "url": HOST}])
            page = context.new_page()
            seconds = min(
                _until(
                    page,
                    page_address,
                    "window.gpmbMap?.gl?.getLayer('taking-fill') &&"
                    " gpmbMap.gl.queryRenderedFeatures({layers: ['taking-fill']}).length > 0",
                )
                for _ in range(3)
            )
            context.route(
                "**/plain.html",
                lambda route: route.fulfill(body=markup, content_type="text/html; charset=utf-8"),
            )
            plain = _until(
                page,
                f"{HOST}/plain.html",
                "document.querySelectorAll('path.leaflet-interactive').length > 0",
            )
            browser.close()
        return seconds, plain, shapes
    finally:
        server.terminate()
        server.wait(timeout=60)


def _centre() -> str:
    """The address of a view full of parcels: around the project with the most."""
    busy = (
        Taking.objects.filter(project__restricted=False, boundary__isnull=False)
        .order_by("project", "pk")
        .annotate(shape=Transform("boundary", 4326))
        .first()
    )
    assert busy
    middle: Point = busy.shape.centroid
    return f"{HOST}/ban-do/?view=16/{middle.y:.5f}/{middle.x:.5f}"


def _plain(user: User) -> tuple[str, int]:
    """A page with the visible takings as Folium's GeoJson, files of ours instead of a CDN."""
    rows = (
        Taking.objects.visible_to(user)
        .filter(withdrawn_on=None, boundary__isnull=False)
        .annotate(shape=AsGeoJSON(Transform("boundary", 4326), precision=6))
        .values_list("shape", flat=True)[:20_000]
    )
    features = [
        {"type": "Feature", "geometry": json.loads(shape), "properties": {}} for shape in rows
    ]
    west, south, east, north = settings.PROVINCE.lonlat_bounds
    chart = folium.Map(location=[(south + north) / 2, (west + east) / 2], tiles=None)
    layer = folium.GeoJson({"type": "FeatureCollection", "features": features})
    layer.add_to(chart)
    chart.fit_bounds(layer.get_bounds())
    parts = document(chart, lambda path: f"/static/vendor/{path}", "bench", without=())
    assert VENDOR.exists()
    return f"<!doctype html>{parts.head}{parts.body}{parts.script}", len(features)


def _until(page: Page, address: str, ready: str) -> float:
    begun = time.perf_counter()
    page.goto(address, wait_until="commit")
    while time.perf_counter() - begun < LIMIT_S:
        if page.evaluate(f"Boolean({ready})"):
            return time.perf_counter() - begun
        page.wait_for_timeout(20)
    raise TimeoutError(f"{address}: nothing drawn after {LIMIT_S} s")


def wait_for(address: str) -> None:
    import urllib.request

    for _ in range(600):
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"{address} does not answer")
