"""What every page knows: the city, the data date, the menu of the user's role."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from gpmb.accounts.models import Role
from gpmb.clearance.models import Deployment, Review

EVERYONE = frozenset(Role.values)


@dataclass(frozen=True)
class Entry:
    """One link of the menu; `path` is where its pages begin."""

    name: str
    label: str
    roles: frozenset[str] = EVERYONE


MENU = (
    Entry("desk", "Việc của tôi", frozenset({"officer"})),
    Entry("overview", "Tổng quan"),
    Entry("map", "Bản đồ"),
    Entry("projects", "Dự án"),
    Entry("cases", "Hồ sơ"),
    Entry("imports", "Nhập liệu", frozenset({"officer", "administrator"})),
    Entry("payments", "Chi trả", frozenset({"finance"})),
    Entry("alerts", "Cảnh báo"),
    Entry("complaints", "Đơn thư", frozenset({"petitions", "officer"})),
    Entry("complaints_monthly", "Đơn thư", frozenset({"leader"})),
    Entry("hotspots", "Điểm nóng"),
    Entry("reviews", "Giao ban", frozenset({"leader", "officer", "administrator"})),
)


def menu(request: HttpRequest) -> list[dict[str, Any]]:
    """The entries the user's role has, the one of this page marked."""
    user = request.user
    role = user.role if user.is_authenticated else ""
    if user.is_authenticated and user.is_administrator:
        role = Role.ADMINISTRATOR  # also the one whom createsuperuser made
    rows = []
    for entry in MENU:
        if role in entry.roles:
            url = reverse(entry.name)
            active = request.path == url or (url != "/" and request.path.startswith(url))
            rows.append({"label": entry.label, "url": url, "active": active})
    return rows


def _deployment() -> Deployment:
    """The installation's row with the day of the last review before its data date."""
    today = Coalesce("data_date", Value(timezone.localdate()))
    before = Review.objects.before(OuterRef("today")).values("on")[:1]
    rows = Deployment.objects.annotate(today=today).annotate(last_review=Subquery(before))
    return rows.filter(pk=1).first() or Deployment(city=settings.PROVINCE.name)


def site(request: HttpRequest) -> dict[str, Any]:
    """`here` (lazy: fragments that don't use it ask nothing) and `csp_nonce` for templates.

    Not named `site`: the views of django-allauth give their pages one of their own.
    """

    def build() -> dict[str, Any]:
        row = _deployment()
        return {
            "city": row.city,
            "as_of": row.data_date or timezone.localdate(),
            "last_review": getattr(row, "last_review", None),
            "is_demo": row.illustrative,
            "nav": menu(request),
            "is_administrator": getattr(request.user, "is_administrator", False),
        }

    return {
        "here": SimpleLazyObject(build),
        "csp_nonce": getattr(request, "csp_nonce", ""),
    }
