"""Small files made here: what offices send, and what the hostile and the careless send."""

import zipfile
from io import BytesIO
from typing import Any

from docx import Document as Paper
from openpyxl import Workbook
from PIL import Image

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
POSITION = b"21 deg 31' 28"


def docx(text: str = "Biên bản kiểm đếm") -> bytes:
    paper = Paper()
    paper.add_paragraph(text)
    return _saved(paper)


def xlsx() -> bytes:
    book = Workbook()
    book.active.append(["STT", "Hộ"])
    return _saved(book)


def _saved(thing: Any) -> bytes:
    out = BytesIO()
    thing.save(out)
    return out.getvalue()


def picture(kind: str = "JPEG", *, position: bool = True, seed: int = 0) -> bytes:
    """A photo 40 × 30 held sideways, taken at a place and a moment."""
    image = Image.new("RGB", (40, 30), (120, seed % 256, 60))
    notes = Image.Exif()
    notes[0x0112] = 6
    notes[0x010F] = "Máy ảnh thử nghiệm"
    if position:
        notes.get_ifd(0x8825).update({1: "N", 2: (21.0, 31.0, 28.0), 3: "E", 4: (107.0, 58.0, 1)})
    notes.get_ifd(0x8769)[0x9003] = "2023:06:15 09:30:00"
    out = BytesIO()
    image.save(out, kind, exif=notes.tobytes())
    return out.getvalue()


def container(parts: dict[str, bytes], *, base: bytes | None = None) -> bytes:
    """A zip of `parts` over those of `base`."""
    members: dict[str, bytes] = {}
    if base:
        with zipfile.ZipFile(BytesIO(base)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (members | parts).items():
            archive.writestr(name, content)
    return out.getvalue()
