"""The request as our middleware leaves it to a view behind the login."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import is_valid_path
from django_htmx.middleware import HtmxDetails

from gpmb.accounts.models import User


class Request(HttpRequest):
    """For annotations only: nobody makes one."""

    user: User
    htmx: HtmxDetails
    csp_nonce: str


def address(text: str) -> QueryDict:
    """The question of a page that a form sends on; PostgreSQL knows no NUL, so none is in it."""
    return QueryDict(text.replace("%00", "").replace("\0", ""))


class PageAboveMiddleware:
    """Nobody is left before an empty page: the address of a form leads to the page it stands on.

    A browser asks for it when its line is entered anew, or after a login that a form led to.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and request.method in ("GET", "HEAD"):
            return redirect(page_above(request.path_info))
        return response


def page_above(path: str) -> str:
    """The nearest address above a path that leads to a page of ours.

    >>> page_above("/hang-loat/00000000001/ghi/")
    '/hang-loat/00000000001/'
    """
    while path != "/":
        path = path.rstrip("/").rpartition("/")[0] + "/"
        if is_valid_path(path):
            break
    return path


class NulMiddleware:
    """No page asks for a NUL, which no text of the database holds: such an address is 404."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if any("\0" in text for name in request.GET for text in request.GET.getlist(name)):
            raise Http404
        return self.get_response(request)
