"""Is the program alive? For the monitor of the server, without login."""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponseRedirect, JsonResponse
from django.templatetags.static import static


@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers; the failure is a 500 by itself."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


@login_not_required
def icon(request: HttpRequest) -> HttpResponseRedirect:
    """Browsers ask here for pages that name no icon (downloads, error pages)."""
    return HttpResponseRedirect(static("gpmb/icon.svg"))
