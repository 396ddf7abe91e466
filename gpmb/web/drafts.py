"""What was typed is never lost, and never saved twice: the server's half of drafts.js.

A form marked `data-draft="KEY"` is kept in the browser while it is typed, and sends a random
`draft_key` with it. The key of a form that was saved is written down in the same transaction, so
that a form sent again after a broken connection is not saved again, and the browser can ask.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from gpmb.accounts.models import Submission

SAVED = "Draft-Saved"
AGAIN = "Nội dung này đã được ghi từ lần gửi trước; không ghi lần thứ hai."


def mark_saved(response: HttpResponse) -> HttpResponse:
    """Say that a form was saved by an answer that is no redirect (an htmx fragment)."""
    response[SAVED] = "1"
    return response


def page_of_form(request: HttpRequest) -> str:
    """Return the path of the page a posted form stood on: as the form says, else the referrer."""
    for address in (request.POST.get("draft_page", ""), request.headers.get("Referer", "")):
        if address and url_has_allowed_host_and_scheme(address, {request.get_host()}):
            parts = urlsplit(address)
            return f"{parts.path}?{parts.query}" if parts.query else parts.path
    return "/"


class LoginMiddleware(LoginRequiredMiddleware):
    """A form whose session has ended leads through the login back to its page, not to its address.

    The address of a form often takes no GET; the page draws the form, drafts.js fills it.
    """

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        if request.method in ("GET", "HEAD"):
            answer: HttpResponseRedirect = super().handle_no_permission(request, view_func)
            return answer
        return redirect_to_login(page_of_form(request), resolve_url(settings.LOGIN_URL))


class OnceMiddleware:
    """A form that carries a `draft_key` is saved once: the second time it says so."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = key_of(request)
        if key is None or not request.user.is_authenticated:
            return self.get_response(request)
        with transaction.atomic():
            row, new = Submission.objects.get_or_create(user=request.user, key=key)
            if not new:
                return said_already(request)
            response = self.get_response(request)
            if response.status_code >= 400:
                transaction.set_rollback(True)
            elif is_saved(response):
                mark_saved(response)
            else:  # shown again with what is wrong: the next try is the first one still
                row.delete()
        return response


def key_of(request: HttpRequest) -> uuid.UUID | None:
    if request.method != "POST" or not request.user.is_authenticated:
        return None
    try:
        return uuid.UUID(request.POST.get("draft_key", ""))
    except ValueError:
        return None


def is_saved(response: HttpResponse) -> bool:
    return SAVED in response or 300 <= response.status_code < 400


def said_already(request: HttpRequest) -> HttpResponse:
    """Answer a form that was saved before: the page it stood on, with a word about it."""
    messages.info(request, AGAIN)
    page = page_of_form(request)
    if request.headers.get("HX-Request"):
        return mark_saved(HttpResponse(headers={"HX-Redirect": page}))
    return mark_saved(HttpResponseRedirect(page))
