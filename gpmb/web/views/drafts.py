"""Did the form with this key arrive? The browser asks before it offers a sent draft again."""

import uuid

from django.http import JsonResponse
from django.views.decorators.http import require_GET

from gpmb.accounts.models import Submission
from gpmb.web.http import Request


@require_GET
def draft_saved(request: Request, key: uuid.UUID) -> JsonResponse:
    saved = Submission.objects.filter(user=request.user, key=key).exists()
    return JsonResponse({"saved": saved})
