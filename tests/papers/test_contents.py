"""A file is what its bytes say; what is dangerous is refused with a reason."""

import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from gpmb.papers.contents import FileKind, RefusedFile, clean_name, inspect
from tests.papers import samples

REMOTE_TEMPLATE = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b'<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    b'relationships/attachedTemplate" Target="https://xa.example/m.dotm" '
    b'TargetMode="External"/></Relationships>'
)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (samples.PDF, FileKind.PDF),
        (samples.docx(), FileKind.DOCX),
        (samples.xlsx(), FileKind.XLSX),
        (samples.picture(), FileKind.JPEG),
        (samples.picture("PNG"), FileKind.PNG),
    ],
    ids=lambda value: str(value)[:12],
)
def test_each_accepted_kind_is_known_by_its_content(content, kind):
    assert inspect(content)[0] is kind


def spoiled(content: bytes) -> bytes:
    """Change bytes in the middle of a member: its sum no longer fits."""
    at = content.index(b"word/document.xml") + 60
    return content[:at] + bytes(4) + content[at + 4 :]


HOSTILE = {
    "html named .pdf": (b"<!DOCTYPE html><script>alert(1)</script>", "trang web"),
    "html after a byte order mark": (b"\xef\xbb\xbf  <html></html>", "trang web"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "SVG"),
    "svg after an xml head": (b"<?xml version='1.0'?><svg/>", "SVG"),
    "program": (b"MZ\x90\x00" + bytes(60), "chương trình"),
    "old office file": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(60), ".docx hoặc .xlsx"),
    "heic": (b"\x00\x00\x00\x18ftypheic" + bytes(20), "JPEG"),
    "empty": (b"", "rỗng"),
    "half a pdf": (b"%PDF-1.7\n1 0 obj", "bị cụt"),
    "half a photo": (samples.picture()[:400], "Ảnh bị hỏng"),
    "half a png": (samples.picture("PNG")[:-6], "Ảnh bị hỏng"),
    "plain zip": (samples.container({"a.txt": b"x"}), "không phải Word, Excel"),
    "zip bomb": (
        samples.container({"word/media/x.xml": bytes(60_000_000)}, base=samples.docx()),
        "bom nén",
    ),
    "thousands of members": (
        samples.container({f"word/{n}.bin": b"" for n in range(2_001)}, base=samples.docx()),
        "bom nén",
    ),
    "macro": (samples.container({"word/vbaProject.bin": b"x"}, base=samples.docx()), "macro"),
    "macro type": (
        samples.container({"[Content_Types].xml": b"...macroEnabled.main+xml"}),
        "macro",
    ),
    "entities": (
        samples.container(
            {"word/evil.xml": b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"}, base=samples.docx()
        ),
        "XML nguy hiểm",
    ),
    "template from elsewhere": (
        samples.container({"word/_rels/settings.xml.rels": REMOTE_TEMPLATE}, base=samples.docx()),
        "từ nơi khác",
    ),
    "way out of the folder": (
        samples.container({"../../etc/x": b"x"}, base=samples.docx()),
        "đường dẫn lạ",
    ),
    "cut container": (samples.docx()[:-40], "bị hỏng"),
    "changed container": (spoiled(samples.docx()), "bị hỏng"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_or_broken_file_is_refused_with_a_reason(name):
    content, reason = HOSTILE[name]
    with pytest.raises(RefusedFile, match=reason):
        inspect(content)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_photo_loses_its_position_and_keeps_its_picture(kind):
    content = samples.picture(kind)
    with Image.open(BytesIO(content)) as before:
        assert before.getexif().get_ifd(0x8825), "the sample has a position"
        pixels = before.tobytes()
    _, kept = inspect(content)
    with Image.open(BytesIO(kept)) as after:
        assert not after.getexif().get_ifd(0x8825)
        assert 0x010F not in after.getexif()
        assert after.tobytes() == pixels


def test_a_photo_keeps_how_it_was_held_and_when_it_was_taken():
    _, kept = inspect(samples.picture())
    with Image.open(BytesIO(kept)) as after:
        assert after.getexif()[0x0112] == 6
        assert after.getexif().get_ifd(0x8769)[0x9003] == "2023:06:15 09:30:00"


def test_what_a_phone_appends_after_the_picture_is_cut_off():
    content = samples.picture(position=False) + samples.picture() + b"film"
    _, kept = inspect(content)
    assert kept.endswith(b"\xff\xd9")
    assert len(kept) < len(samples.picture())


def test_cleaning_twice_changes_nothing():
    for kind in ("JPEG", "PNG"):
        _, once = inspect(samples.picture(kind))
        assert inspect(once)[1] == once


def test_a_picture_of_too_many_pixels_is_refused():
    content = samples.picture("PNG")
    head = b"IHDR" + struct.pack(">II", 40_000, 40_000) + content[24:29]
    swollen = content[:12] + head + struct.pack(">I", zlib.crc32(head)) + content[33:]
    with pytest.raises(RefusedFile, match="quá lớn"):
        inspect(swollen)


@given(
    st.binary(max_size=400),
    st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04"]),
)
def test_no_bytes_whatever_break_the_inspection(noise, start):
    with pytest.raises(RefusedFile):
        inspect(start + noise)


@pytest.mark.parametrize(
    ("given_name", "kind", "kept"),
    [
        ("Biên bản.pdf", FileKind.PDF, "Biên bản.pdf"),
        ("anh.JPEG", FileKind.JPEG, "anh.jpg"),
        (r"C:\Users\a\phương án.docx", FileKind.DOCX, "phương án.docx"),
        ("../../etc/passwd", FileKind.PDF, "passwd.pdf"),
        ("anh\u202egnp.exe", FileKind.PNG, "anhgnp.png"),
        ("a\r\nSet-Cookie: x.pdf", FileKind.PDF, "aSet-Cookie x.pdf"),
        ("...", FileKind.PDF, "tep.pdf"),
        ("", FileKind.XLSX, "tep.xlsx"),
        ("QĐ số 12.2023 của UBND", FileKind.PDF, "QĐ số 12.2023 của UBND.pdf"),
    ],
)
def test_a_name_is_cleaned_and_ends_as_the_content_is(given_name, kind, kept):
    assert clean_name(given_name, kind) == kept


@given(st.text(max_size=300), st.sampled_from(FileKind))
def test_a_clean_name_is_safe_and_stays_so(name, kind):
    once = clean_name(name, kind)
    assert clean_name(once, kind) == once
    assert len(once) <= 130
    assert not set(once) & set('/\\<>:"|?*\r\n\t\0')
    assert not once.startswith(".")
