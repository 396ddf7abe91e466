"""Alerts (cảnh báo): counts by project, group, person, agency; each opens its list of cases."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from gpmb import access
from gpmb.analysis import alerts
from gpmb.analysis.alerts import Alert, By
from gpmb.clearance.clock import today
from gpmb.web.http import Request

# The groups whose rows the list of cases can filter by.
LINKED = {By.PROJECT, By.CATEGORY, By.OFFICER}


@require_GET
def page(request: Request) -> HttpResponse:
    on = today()
    asked = request.GET.get("by", "")
    by = By(asked) if asked in By.values else By.PROJECT
    return render(
        request,
        "alerts/page.html",
        {
            "by": by,
            "groups": By.choices,
            "alerts": Alert.choices,
            "rows": alerts.counts(request.user, on, by),
            "totals": alerts.totals(request.user, on),
            "linked": by in LINKED,
            "on": on,
            "reads_case_files": access.can_read_case_files(request.user),
        },
    )
