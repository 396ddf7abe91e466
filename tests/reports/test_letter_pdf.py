"""One PDF of many letters: pieces joined in order, odd ones refused."""

import re
import zlib

import pytest

from gpmb.reports.letters.pdf import NoPdf, joined


def paper(*texts: str) -> bytes:
    """A PDF as LibreOffice writes one: plain objects, shared resources, one table."""
    objects: list[bytes] = [b"", b""]
    kids = []
    for text in texts:
        # A stream may hold what looks like a reference.
        stream = zlib.compress(f"BT ({text}) Tj ET % 1 0 R".encode())
        objects.append(b"<</Length %d>>\nstream\n" % len(stream) + stream + b"\nendstream")
        objects.append(b"<</Type/Page/Parent 2 0 R/Contents %d 0 R>>" % len(objects))
        kids.append(b"%d 0 R" % len(objects))
    objects[0] = b"<</Type/Catalog/Pages 2 0 R>>"
    objects[1] = b"<</Type/Pages/Kids[%s]/Count %d>>" % (b" ".join(kids), len(kids))
    out, offsets = bytearray(b"%PDF-1.6\n"), []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n\n"
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % at for at in offsets)
    out += b"trailer\n<</Size %d/Root 1 0 R\n/Info 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        table,
    )
    return bytes(out)


def objects_of(file: bytes) -> dict[int, bytes]:
    """The objects of a file by its own table."""
    table = int(re.search(rb"startxref\s+(\d+)", file)[1])
    rows = file[table:].split(b"trailer")[0].split(b"\n")[2:-1]
    used = {n: int(row[:10]) for n, row in enumerate(rows) if row.endswith(b"n ")}
    for number, at in used.items():
        assert file[at:].startswith(b"%d 0 obj" % number)
    return {n: file[at:].split(b"\nendobj")[0].split(b"obj\n", 1)[1] for n, at in used.items()}


def texts_of(file: bytes) -> list[str]:
    """What the pages say, in the order of the tree of pages."""
    objects = objects_of(file)

    def walk(number: int, parent: int | None) -> list[str]:
        body = objects[number]
        if parent is not None:
            assert b"/Parent %d 0 R" % parent in body
        if b"/Type/Pages" in body:
            kids = re.search(rb"/Kids\[([^\]]*)\]", body)[1]
            found = [t for k in re.findall(rb"(\d+) 0 R", kids) for t in walk(int(k), number)]
            assert int(re.search(rb"/Count (\d+)", body)[1]) == len(found)
            return found
        stream = objects[int(re.search(rb"/Contents (\d+) 0 R", body)[1])]
        words = zlib.decompress(stream.split(b"stream\n", 1)[1].rsplit(b"\nendstream", 1)[0])
        assert words.endswith(b"% 1 0 R")
        return [re.search(rb"\((.*)\)", words)[1].decode()]

    root = int(re.search(rb"/Root (\d+) 0 R", file)[1])
    return walk(int(re.search(rb"/Pages (\d+) 0 R", objects[root])[1]), None)


def test_pieces_are_joined_page_by_page_in_their_order():
    assert texts_of(paper("một", "hai")) == ["một", "hai"]
    whole = joined([paper("một", "hai"), paper("ba"), paper("bốn", "năm", "sáu")])
    assert texts_of(whole) == ["một", "hai", "ba", "bốn", "năm", "sáu"]


def test_what_libreoffice_would_not_write_is_refused():
    with pytest.raises(NoPdf, match="bản Word"):
        joined([paper("một"), b"%PDF-1.7\nstartxref\n9\n%%EOF"])
