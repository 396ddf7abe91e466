"""How the household × step matrix answers keys and scrolls: python -m tests.bench.matrix

450 households of one project stand after their posting, every other one under the law of 2024,
whose procedure is the longest there is: sixteen steps, and the handover to the investor, are
seventeen columns. A browser opens their matrix and walks it by keys and by wheel, on a laptop and
on a phone. Printed, in milliseconds: the server's answer, the first paint with every
row, one key (from the press to the next frame, median and 95th percentile), the frames of a
scroll from top to bottom; and the same of the peer, a bare table of the same cells with the same
roving focus. Works in a database of its own, made anew. Exits 1 when a key or a frame takes
longer than LIMIT_MS at the median: on a busy machine the 95th percentile tells of the others.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from typing import Any

from tests.bench import updates

HOUSEHOLDS = 450
COLUMNS = 17
PORT = 8797
HOST = f"http://127.0.0.1:{PORT}"
LIMIT_MS = 100.0
"""What a person feels as at once."""

FIRST_PAINT = """() => new Promise((done) => {
  new PerformanceObserver((list) => {
    const [painted] = list.getEntriesByName("first-contentful-paint");
    if (painted) done(painted.startTime);
  }).observe({ type: "paint", buffered: true });
})"""
KEYS = """async ([key, count]) => {
  const spent = [];
  for (let n = 0; n < count; n += 1) {
    const begun = performance.now();
    document.activeElement.dispatchEvent(
      new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    spent.push(performance.now() - begun);
  }
  return spent;
}"""
FRAMES = """async (step) => {
  const box = document.querySelector(".mx-wrap");
  box.scrollTop = 0;
  const gaps = [];
  let last = performance.now();
  while (box.scrollTop + box.clientHeight < box.scrollHeight - 1) {
    box.scrollTop += step;
    await new Promise(requestAnimationFrame);
    gaps.push(performance.now() - last);
    last = performance.now();
  }
  return gaps;
}"""
PEER = """
const table = document.querySelector("table");
let at = [0, 0];
const go = (row, column) => {
  const cell = table.rows[row]?.cells[column];
  if (!cell) return;
  table.rows[at[0]].cells[at[1]].tabIndex = -1;
  at = [row, column]; cell.tabIndex = 0; cell.focus();
};
table.addEventListener("keydown", ({ key }) => {
  const [row, column] = at;
  if (key === "ArrowDown" || key === "PageDown") go(row + (key === "PageDown" ? 10 : 1), column);
  if (key === "ArrowRight") go(row, column + 1);
});
go(0, 0);
"""


def main() -> int:
    updates.PROJECTS = 1
    officer = updates.prepare(HOUSEHOLDS)
    _two_laws()
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    from gpmb.clearance.models import Project
    from gpmb.refs import encode
    from tests.factories import deployment

    deployment(updates.TODAY)
    address = f"/du-an/{encode(Project.objects.get().ref)}/ma-tran/"
    client = Client()
    client.force_login(officer)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    call_command("collectstatic", interactive=False, verbosity=0)
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "gpmb.wsgi", "-b", f"127.0.0.1:{PORT}", "-w", "1"],
        stderr=subprocess.DEVNULL,
        env=os.environ | {"GPMB_HOSTS": "127.0.0.1", "GPMB_HTTPS": "0"},
    )
    try:
        return measure(address, {settings.SESSION_COOKIE_NAME: cookie})
    finally:
        server.terminate()
        server.wait(timeout=60)


def _two_laws() -> None:
    """Put every other case under the law of 2024, by a paper, as a transition does."""
    from django.db.models import F

    from gpmb.clearance.deadlines import refresh
    from gpmb.clearance.models import Case
    from tests.factories import DocumentFactory

    every_other = Case.objects.alias(odd=F("pk") % 2).filter(odd=1)
    every_other.update(
        regime_override="R2", regime_document=DocumentFactory(), regime_reason="chuyển tiếp"
    )
    refresh(Case.objects.all())


def measure(address: str, cookies: dict[str, str]) -> int:
    from playwright.sync_api import sync_playwright

    from tests.bench.first_drawing import wait_for
    from tests.browser.conftest import CHROMIUM, FLAGS, LAPTOP

    phone: Any = {"width": 375, "height": 740}

    wait_for(HOST + "/healthz")
    out = sys.stdout.write
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(viewport=LAPTOP, locale="vi-VN")
        context.add_cookies([{"name": n, "value": v, "url": HOST} for n, v in cookies.items()])
        page = context.new_page()
        for _ in range(3):  # the third visit finds files and code warm
            begun = time.perf_counter()
            answer = page.goto(HOST + address, wait_until="load")
            painted = 1000 * (time.perf_counter() - begun)
        assert answer is not None
        first = page.evaluate(FIRST_PAINT)
        timing: Any = answer.request.timing
        rows = page.locator(".mx-table tbody tr").count()
        columns = page.locator(".mx-table thead th[data-step]").count()
        out(f"{rows} households x {columns} steps\n")
        out(f"server's answer {timing['responseStart'] - timing['requestStart']:.0f} ms, ")
        out(f"first paint {first:.0f} ms, page with every row {painted:.0f} ms\n")
        assert (rows, columns) == (HOUSEHOLDS, COLUMNS)
        page.locator(".mx-table tbody th").first.focus()
        ours = walk(page)
        page.set_viewport_size(phone)
        page.locator(".mx-table tbody th").first.focus()
        small = walk(page)
        markup = page.evaluate(
            """() => [...document.querySelectorAll(".mx-table tr")].map((row) => "<tr>" +
                 [...row.cells].map((c) => `<td tabindex=-1>${c.textContent}</td>`).join("") +
                 "</tr>").join("")"""
        )
        style = "<style>.mx-wrap{height:600px;overflow:auto}td{white-space:nowrap}</style>"
        page.set_viewport_size(LAPTOP)
        page.goto("about:blank")
        page.set_content(f"{style}<div class=mx-wrap><table>{markup}</table></div>")
        page.add_script_tag(content=PEER)
        peer = walk(page)
        browser.close()
    out(f"{'':<24}{'matrix':>16}{'on a phone':>16}{'bare table':>16}   ms\n")
    for name in ours:
        told = (shown(spent[name]) for spent in (ours, small, peer))
        out(f"{name:<24}{''.join(f'{each:>16}' for each in told)}   p50 / p95\n")
    slow = [
        statistics.median(spent) > LIMIT_MS
        for walked in (ours, small)
        for spent in walked.values()
    ]
    return int(any(slow))


def walk(page: Any) -> dict[str, list[float]]:
    return {
        "arrow down": page.evaluate(KEYS, ["ArrowDown", 150]),
        "arrow right": page.evaluate(KEYS, ["ArrowRight", 12]),
        "page down": page.evaluate(KEYS, ["PageDown", 25]),
        "frame of a scroll": page.evaluate(FRAMES, 240),
    }


def p95(spent: list[float]) -> float:
    return sorted(spent)[max(0, round(0.95 * len(spent)) - 1)]


def shown(spent: list[float]) -> str:
    return f"{statistics.median(spent):.1f} / {p95(spent):.1f}"


if __name__ == "__main__":
    raise SystemExit(main())
