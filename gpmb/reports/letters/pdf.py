"""Letters as one PDF: LibreOffice makes pieces of it, two at a time, and they are joined here.

LibreOffice's time grows with the square of the sections in a file (500 letters in one file took
200 s, 50 take 3), so the letters are converted in pieces.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PIECE = 50  # letters that one LibreOffice converts
SECONDS = 600
REFERENCE = re.compile(rb"\b(\d+) 0 R\b")


class NoPdf(RuntimeError):
    """LibreOffice is missing, failed or took too long; the message says what to do."""


def convert(
    words: Sequence[bytes], folder: Path, tell: Callable[[int], None] = lambda done: None
) -> Path:
    """Return one PDF of Word files, in their order; `tell` hears how many are converted.

    Raises:
        NoPdf: LibreOffice isn't there, failed, or took longer than SECONDS for a file.
    """
    made: list[bytes] = []
    with ThreadPoolExecutor(max_workers=max(1, min(4, os.cpu_count() or 1))) as workers:
        jobs = [
            workers.submit(_convert, word, folder / f"piece-{number}")
            for number, word in enumerate(words)
        ]
        try:
            for number, job in enumerate(jobs, start=1):
                made.append(job.result())
                tell(number)
        finally:
            workers.shutdown(wait=True, cancel_futures=True)
    whole = folder / "letters.pdf"
    whole.write_bytes(made[0] if len(made) == 1 else joined(made))
    return whole


def _convert(word: bytes, folder: Path) -> bytes:
    """Return the PDF of a Word file, made by one LibreOffice with a profile of its own."""
    program = shutil.which("soffice")
    if program is None:
        raise NoPdf("Máy chủ chưa cài LibreOffice (bin/setup cài sẵn). Hãy lấy bản Word để in.")
    folder.mkdir()
    source = folder / "letters.docx"
    source.write_bytes(word)
    command = [
        program,
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        *("--headless", "--norestore", "--nolockcheck", "--convert-to", "pdf:writer_pdf_Export"),
        *("--outdir", str(folder), str(source)),
    ]
    try:
        subprocess.run(  # noqa: S603  (no shell, fixed program)
            command, capture_output=True, timeout=SECONDS, check=True
        )
    except subprocess.TimeoutExpired as error:
        raise NoPdf(
            "Chuyển sang PDF quá lâu. Hãy chia nhỏ danh sách hoặc lấy bản Word."
        ) from error
    except subprocess.CalledProcessError as error:
        raise NoPdf("LibreOffice không chuyển được sang PDF. Hãy lấy bản Word để in.") from error
    made = source.with_suffix(".pdf")
    if not made.exists():
        raise NoPdf("LibreOffice không tạo ra tệp PDF. Hãy lấy bản Word để in.")
    content = made.read_bytes()
    shutil.rmtree(folder)
    return content


def joined(files: Sequence[bytes]) -> bytes:
    """Return the pages of several PDFs of LibreOffice as one, in order.

    Each file's tree of pages becomes a branch of a new tree (ISO 32000-1, 7.7.3); its objects are
    numbered anew. What is not about pages (outline, metadata) stays behind with its catalog.

    Raises:
        NoPdf: a file is not made the way LibreOffice makes them: plain objects, one table.
    """
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    offsets = {}
    catalog, root, last = 1, 2, 2
    branches, pages = [], 0
    for file in files:
        objects, tree = _objects(file)
        for number, body in objects.items():
            moved = _renumbered(body, last)
            if number == tree:
                count = re.search(rb"/Count\s+(\d+)", body)
                if count is None:
                    raise NoPdf(UNKNOWN)
                pages += int(count[1])
                moved = moved.replace(b"<<", b"<</Parent %d 0 R" % root, 1)
            offsets[number + last] = len(out)
            out += b"%d 0 obj\n" % (number + last) + moved + b"\nendobj\n"
        branches.append(b"%d 0 R" % (tree + last))
        last += max(objects)
    offsets[root] = len(out)
    out += b"%d 0 obj\n<</Type/Pages/Kids[%s]/Count %d>>\nendobj\n" % (
        root,
        b" ".join(branches),
        pages,
    )
    offsets[catalog] = len(out)
    out += b"%d 0 obj\n<</Type/Catalog/Pages %d 0 R>>\nendobj\n" % (catalog, root)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (last + 1)
    for number in range(1, last + 1):
        at = offsets.get(number)
        out += b"0000000000 65535 f \n" if at is None else b"%010d 00000 n \n" % at
    out += b"trailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        last + 1,
        catalog,
        table,
    )
    return bytes(out)


UNKNOWN = "Tệp PDF của LibreOffice có dạng lạ. Hãy lấy bản Word để in."


def _objects(file: bytes) -> tuple[dict[int, bytes], int]:
    """Return the objects of a PDF by number, and the number of its tree of pages."""
    start = file.rfind(b"startxref")
    found = re.match(rb"startxref\s+(\d+)", file[start:])
    root = re.search(rb"/Root\s+(\d+) 0 R", file[start - 2_000 if start > 2_000 else 0 : start])
    if found is None or root is None:
        raise NoPdf(UNKNOWN)
    head = re.compile(rb"xref\s+0 (\d+)\s+").match(file, int(found[1]))
    if head is None:
        raise NoPdf(UNKNOWN)
    rows = [file[head.end() + 20 * n :][:18].split() for n in range(int(head[1]))]
    used = {n: int(row[0]) for n, row in enumerate(rows) if row[2:] == [b"n"]}
    ends = sorted([*used.values(), int(found[1])])
    objects = {}
    for number, at in used.items():
        whole = file[at : ends[ends.index(at) + 1]]
        opened, closed = whole.index(b"obj") + 3, whole.rindex(b"endobj")
        objects[number] = whole[opened:closed].strip(b"\r\n")
    tree = re.search(rb"/Pages\s+(\d+) 0 R", objects[int(root[1])])
    if tree is None:
        raise NoPdf(UNKNOWN)
    return objects, int(tree[1])


def _renumbered(body: bytes, by: int) -> bytes:
    """Return an object with its references moved; what a stream holds is left alone."""
    at = body.find(b"stream")
    words, rest = (body, b"") if at < 0 else (body[:at], body[at:])
    return REFERENCE.sub(lambda found: b"%d 0 R" % (int(found[1]) + by), words) + rest
