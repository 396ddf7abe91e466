"""Files attached to what they prove; templates of letters and what was written from them."""

from gpmb.papers.contents import FileKind, RefusedFile
from gpmb.papers.models.files import Attachment, StoredFile, too_large
from gpmb.papers.models.letters import (
    COMPLAINT_KINDS,
    LetterKind,
    LetterRun,
    LetterTemplate,
    Scope,
)
from gpmb.papers.models.run import KEPT_DAYS, Run

__all__ = [
    "COMPLAINT_KINDS",
    "KEPT_DAYS",
    "Attachment",
    "FileKind",
    "LetterKind",
    "LetterRun",
    "LetterTemplate",
    "RefusedFile",
    "Run",
    "Scope",
    "StoredFile",
    "too_large",
]
