"""What every page knows: the city, the data date, the menu of the user's role."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from gpmb.accounts.models import Role
from gpmb.clearance.models import Deployment

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
    Entry("imports", "Nhập liệu", frozenset({"officer"})),
    Entry("alerts", "Cảnh báo"),
    Entry("complaints", "Đơn thư", frozenset({"petitions", "officer"})),
    Entry("complaints_monthly", "Đơn thư", frozenset({"leader"})),
    Entry("hotspots", "Điểm nóng"),
    Entry("reviews", "Giao ban", frozenset({"leader", "officer", "administrator"})),
)


def menu(request: HttpRequest) -> list[dict[str, Any]]:
    """The entries the user's role has, the one of this page marked."""
    role = request.user.role if request.user.is_authenticated else ""
    rows = []
    for entry in MENU:
        if role in entry.roles:
            url = reverse(entry.name)
            active = request.path == url or (url != "/" and request.path.startswith(url))
            rows.append({"label": entry.label, "url": url, "active": active})
    return rows


def site(request: HttpRequest) -> dict[str, Any]:
    """`here` (lazy: fragments that don't use it ask nothing) and `csp_nonce` for templates.

    Not named `site`: the views of django-allauth give their pages one of their own.
    """

    def build() -> dict[str, Any]:
        row = Deployment.objects.filter(pk=1).first() or Deployment()
        return {
            "city": row.city,
            "as_of": row.data_date or timezone.localdate(),
            "is_demo": row.illustrative,
            "nav": menu(request),
            "is_administrator": getattr(request.user, "is_administrator", False),
        }

    return {
        "here": SimpleLazyObject(build),
        "csp_nonce": getattr(request, "csp_nonce", ""),
    }
