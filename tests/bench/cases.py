"""The case page: queries and time, for a small file and a large one. python tests/bench/cases.py

Runs in a test database of its own, so that it measures the page and not the demo. Each time is
the best of five. Exits 1 when the page asks 12 queries or more.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gpmb.settings")

MOST_QUERIES = 12
RUNS = 5
SIZES = (3, 30, 300)


def case_page() -> bool:
    """Print queries and milliseconds of the page by the number of rows of everything."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    from tests.factories import ProjectFactory, UserFactory, deployment
    from tests.web.test_case_page import grown

    deployment()
    officer = UserFactory()
    project = ProjectFactory(officers=[officer])
    client = Client()
    client.force_login(officer)
    good = True
    for size in SIZES:
        address = reverse("case", args=[grown(project, size).ref])
        client.get(address)
        times = []
        for _ in range(RUNS):
            with CaptureQueriesContext(connection) as caught:
                start = time.perf_counter()
                client.get(address)
                times.append(time.perf_counter() - start)
        good = good and len(caught) < MOST_QUERIES
        print(f"{size:4} rows of everything: {len(caught)} queries, {min(times) * 1000:.0f} ms")
    return good


def main() -> int:
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import setup_test_environment

    from tests import databases

    setup_test_environment()
    connection.settings_dict["TEST"]["TEMPLATE"] = databases.migrated_template()
    old = connection.creation.create_test_db(verbosity=0)
    try:
        return 0 if case_page() else 1
    finally:
        connection.creation.destroy_test_db(old, verbosity=0)


if __name__ == "__main__":
    sys.exit(main())
