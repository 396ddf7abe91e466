"""How a heading was corrected before: kept for the next file with the same one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from gpmb.accounts.models import User
from gpmb.importing.columns import fold
from gpmb.importing.error_workbook import TITLE
from gpmb.importing.models import SavedMapping, Upload

ERRORS = fold(TITLE)


def signature(titles: Iterable[str]) -> str:
    """The heading of a file, whatever its diacritics and spaces.

    Refused rows come back under the same heading and "Lỗi": what was answered holds for them too.
    """
    words = [word for title in titles if (word := fold(title)) != ERRORS]
    return hashlib.sha256("|".join(words).encode()).hexdigest()


def _titles(understood: dict[str, Any]) -> list[str]:
    return [column["title"] for column in understood.get("columns", ())]


def saved_for(user: User, kind: str, understood: dict[str, Any]) -> SavedMapping | None:
    """Return how this heading was corrected before, by the person or the organisation."""
    found = SavedMapping.objects.filter(kind=kind, signature=signature(_titles(understood)))
    if user.organisation_id:
        shared = found.filter(organisation=user.organisation_id).select_related("by").first()
        if shared:
            return shared
    return found.filter(by=user, organisation=None).select_related("by").first()


def save_mapping(upload: Upload) -> None:
    """Keep the answers about columns for files with the same heading."""
    user = upload.by
    key: dict[str, Any] = {
        "kind": upload.kind,
        "signature": signature(_titles(upload.understood)),
        "organisation": user.organisation,
    }
    if user.organisation is None:
        key["by"] = user
    SavedMapping.objects.update_or_create(
        **key, defaults={"by": user, "answers": upload.answers.get("columns", {})}
    )
