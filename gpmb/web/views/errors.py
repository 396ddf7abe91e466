"""Error pages that say what to do next."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader

from gpmb.web.drafts import page_of_form


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page is older than the session: the way back leads to its form, where the draft is."""
    back = page_of_form(request) if request.method == "POST" else "/"
    return render(request, "403.html", {"stale": True, "back": back}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def too_many(request: HttpRequest) -> HttpResponse:
    return render(request, "429.html", status=429)


def server_error(request: HttpRequest) -> HttpResponse:
    """Drawn without context: whatever broke may break it too."""
    return HttpResponse(loader.render_to_string("500.html"), status=500)
