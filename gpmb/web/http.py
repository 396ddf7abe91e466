"""The request as our middleware leaves it to a view behind the login."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from gpmb.accounts.models import User


class Request(HttpRequest):
    """For annotations only: nobody makes one."""

    user: User
    htmx: HtmxDetails
    csp_nonce: str
