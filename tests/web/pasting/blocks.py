"""A block of cells on its way in, as a person pastes it: sent, written, taken back."""

from django.test import Client
from django.urls import reverse

from gpmb.importing.models import ImportRun, Upload


def block(*rows: str) -> str:
    """Rows with columns apart by |, as Excel puts them on the clipboard."""
    return "\n".join(row.replace("|", "\t") for row in rows)


def paste(client: Client, kind: str, text: str, project: str = "CCN") -> Upload:
    data = {"kind": kind, "project": project, "block": text}
    client.post(reverse("import_paste"), data, follow=True)
    return Upload.objects.latest("pk")


def write(client: Client, upload: Upload) -> None:
    client.post(reverse("import_write", args=[upload.ref]), {"partial": "1"})


def take_back() -> ImportRun:
    run = ImportRun.objects.filter(applied=True, undone_at=None).latest("pk")
    client = Client()
    client.force_login(run.by)
    client.post(reverse("import_undo", args=[run.ref]))
    run.refresh_from_db()
    return run


def faults(upload: Upload) -> dict[int, str]:
    """Row → column: message."""
    rows = upload.preview["refused_rows"]
    return {row["row"]: ": ".join(row["errors"][0]) for row in rows}
