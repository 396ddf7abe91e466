"""The price list (/don-gia/): what plans are computed with, by which paper, from when."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from gpmb import access
from gpmb.clearance.clock import today
from gpmb.compensation.models import Block, UnitPrice
from gpmb.web.city_tables import beside
from gpmb.web.filters import Listing
from gpmb.web.http import Request
from gpmb.web.import_forms import Kind
from gpmb.web.listing import PAGE_SIZE


class PriceFilter(Listing):
    block = django_filters.ChoiceFilter(
        label="Khoản mục", choices=Block.choices, empty_label="Mọi khoản mục"
    )
    state = django_filters.ChoiceFilter(
        label="Hiệu lực",
        choices=[("now", "Đang có hiệu lực"), ("past", "Hết hiệu lực"), ("next", "Sắp áp dụng")],
        empty_label="Mọi thời gian",
        method="by_state",
    )
    q = django_filters.CharFilter(label="Mã, nội dung", method="by_words")

    class Meta:
        model = UnitPrice
        fields: list[str] = []

    def by_state(self, rows: Any, name: str, state: str) -> Any:
        return {
            "now": rows.valid(self.on),
            "past": rows.filter(valid_to__lt=self.on),
            "next": rows.filter(valid_from__gt=self.on),
        }[state]

    def by_words(self, rows: Any, name: str, words: str) -> Any:
        return rows.filter(Q(code__icontains=words) | Q(name__icontains=words))


@require_GET
def page(request: Request) -> HttpResponse:
    """Every price this person may know; the administrator enters them by block or file."""
    on: dt.date = today()
    if not access.can_read_prices(request.user):
        raise Http404
    rows = UnitPrice.objects.visible_to(request.user).select_related("document", "project")
    chosen = PriceFilter(request.GET, rows, request=request, on=on)
    context = {
        "filter": chosen,
        "page": Paginator(chosen.qs, PAGE_SIZE).get_page(request.GET.get("page")),
        "on": on,
        "keeps": access.can_keep_prices(request.user),
    }
    return render(request, "prices/list.html", context | beside(request.user, Kind.PRICES))
