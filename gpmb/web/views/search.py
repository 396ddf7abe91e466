"""One search box (Ctrl+K): what it finds is gpmb.web.finding; here the page, the list, JSON."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from gpmb.clearance.clock import today
from gpmb.web.finding import KINDS, find_groups, result, rows_of
from gpmb.web.http import Request
from gpmb.web.listing import PAGE_SIZE


@require_GET
def search(request: Request) -> HttpResponse:
    """A page; the list alone for the search box; JSON for programs that ask for it."""
    text, on = request.GET.get("q", ""), today()
    kind = next((kind for kind in KINDS if kind.code == request.GET.get("kind")), None)
    if kind is not None:
        found, words = rows_of(kind, request.user, text, on)
        rows: Any = [] if found is None else found
        page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
        lines = [result(kind, row, request.user, words, on) for row in page]
        context = {"search_text": text, "kind": kind, "page": page, "lines": lines}
        return render(request, "search_kind.html", context)
    groups = find_groups(request.user, text, on)
    wanted = request.get_preferred_type(["text/html", "application/json"])
    if request.GET.get("format") == "json" or wanted == "application/json":
        return JsonResponse(
            {
                "query": text,
                "results": [row for group in groups for row in group.results],
                "counts": {group.label: group.shown for group in groups},
            }
        )
    page_name = "parts/search_results.html" if request.htmx else "search.html"
    return render(request, page_name, {"search_text": text, "groups": groups})
