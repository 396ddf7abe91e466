"""Resettlement first: plots against needs, which project waits for which site."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from gpmb.analysis.resettling import balance
from gpmb.web.days import Days
from gpmb.web.http import Request
from gpmb.web.import_forms import Kind, paste_form
from gpmb.web.views.projects import left_out


@require_GET
def page(request: Request) -> HttpResponse:
    days = Days.read(request.GET)
    found = balance(request.user, on=days.on)
    return render(
        request,
        "resettlement/overview.html",
        {
            "days": days,
            "balance": found,
            "recovered": sum(need.recovered_waiting for need in found.needs),
            "violations": sum(need.violations for need in found.needs),
            "left_out": left_out(request.user),
            "paste_form": None
            if days.past
            else paste_form(request.user, days.on, kind=Kind.ARRANGEMENTS),
        },
    )
