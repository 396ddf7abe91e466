"""What a file really is, by its bytes and never by its name; what is dangerous is refused.

Accepted are PDF, JPEG, PNG, DOCX and XLSX. A photo loses its position and every other note of
the camera but how it was held and when it was taken.
"""

import re
import struct
import unicodedata
import zipfile
import zlib
from enum import StrEnum
from io import BytesIO

from gpmb.papers import photos

MAX_PARTS = 2_000  # members of a container
MAX_UNPACKED = 200 * 1024 * 1024  # bytes of a container's members together
MAX_RATIO = 200  # unpacked to packed, for members above SMALL
SMALL = 1024 * 1024
MAX_PIXELS = 100_000_000
LONGEST_NAME = 120
ACCEPTED = "PDF, ảnh JPEG, PNG, Word (.docx) hoặc Excel (.xlsx)"


class RefusedFile(ValueError):
    """The file is not taken; the message says why and what to do."""


class FileKind(StrEnum):
    PDF = "pdf"
    JPEG = "jpg"
    PNG = "png"
    DOCX = "docx"
    XLSX = "xlsx"

    @property
    def mime(self) -> str:
        return MIME[self]

    @property
    def is_photo(self) -> bool:
        return self in (FileKind.JPEG, FileKind.PNG)


OFFICE = "application/vnd.openxmlformats-officedocument"
MIME = {
    FileKind.PDF: "application/pdf",
    FileKind.JPEG: "image/jpeg",
    FileKind.PNG: "image/png",
    FileKind.DOCX: f"{OFFICE}.wordprocessingml.document",
    FileKind.XLSX: f"{OFFICE}.spreadsheetml.sheet",
}
MAIN_PART = {
    FileKind.DOCX: f"{OFFICE}.wordprocessingml.document.main+xml",
    FileKind.XLSX: f"{OFFICE}.spreadsheetml.sheet.main+xml",
}
# What people send by mistake or on purpose, by how it begins: its name and what to do.
STRANGERS = (
    (b"\xd0\xcf\x11\xe0", "tệp Office đời cũ (.doc, .xls): hãy lưu lại thành .docx hoặc .xlsx"),
    (b"MZ", "tệp chương trình"),
    (b"\x7fELF", "tệp chương trình"),
    (b"#!", "tệp chương trình"),
    (b"Rar!", "tệp nén RAR: hãy gửi từng tệp bên trong"),
    (b"7z\xbc\xaf", "tệp nén 7z: hãy gửi từng tệp bên trong"),
    (b"GIF8", "ảnh GIF: hãy lưu lại thành JPEG hoặc PNG"),
    (b"II*\x00", "ảnh TIFF: hãy lưu lại thành PDF hoặc JPEG"),
    (b"MM\x00*", "ảnh TIFF: hãy lưu lại thành PDF hoặc JPEG"),
    (b"{\\rtf", "tệp RTF: hãy lưu lại thành .docx"),
)
MARKUP = re.compile(rb"<(!doctype|html|svg|\?xml|script|head|body|!--)", re.IGNORECASE)
# An office file that fetches something from elsewhere by itself when it is opened.
REMOTE = re.compile(
    rb'<Relationship\b(?=[^>]*TargetMode="External")'
    rb'(?=[^>]*Target="(https?:|ftp:|\\\\|file:/*\\\\))'
    rb'[^>]*/(attachedTemplate|oleObject|frame|subDocument)"',
    re.IGNORECASE,
)
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    RuntimeError,
    OSError,
    EOFError,
    KeyError,
    UnicodeError,
)
FORBIDDEN_PART = re.compile(r"vbaproject|activex/|\.(exe|dll|js|vbs|bat|cmd|scr|bin\.exe)$", re.I)
# Letters that turn the reading direction or join invisibly: "fdp.exe" shown as "exe.pdf".
INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def inspect(content: bytes) -> tuple[FileKind, bytes]:
    """Return what `content` is and the bytes to keep: a photo's without its position.

    Raises:
        RefusedFile: it is none of the accepted kinds, damaged, or dangerous to open.
    """
    if not content:
        raise RefusedFile("Tệp rỗng, không có nội dung. Hãy chọn lại tệp.")
    if content.startswith(b"%PDF-"):
        if b"%%EOF" not in content[-2048:]:
            raise RefusedFile("Tệp PDF bị cụt, mở ra sẽ lỗi. Hãy quét hoặc lưu lại rồi gửi.")
        return FileKind.PDF, content
    if content.startswith(b"\xff\xd8\xff"):
        return FileKind.JPEG, _photo(photos.clean_jpeg, content)
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileKind.PNG, _photo(photos.clean_png, content)
    if content.startswith(b"PK\x03\x04"):
        return _office(content), content
    raise RefusedFile(f"Không nhận: {_stranger(content)}. Chỉ nhận {ACCEPTED}.")


def _stranger(content: bytes) -> str:
    for start, name in STRANGERS:
        if content.startswith(start):
            return name
    if content[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypheif"):
        return "ảnh HEIC: hãy chụp hoặc lưu lại thành JPEG"
    head = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if MARKUP.match(head):
        return "ảnh SVG" if b"<svg" in content[:4096].lower() else "trang web (HTML, XML)"
    return "nội dung không phải loại tệp được dùng, dù tên tệp là gì"


def _photo(clean: "photos.Cleaner", content: bytes) -> bytes:
    try:
        kept, width, height = clean(content)
    except photos.DamagedPhoto as error:
        raise RefusedFile("Ảnh bị hỏng, không đọc được. Hãy chụp hoặc lưu lại rồi gửi.") from error
    if width * height > MAX_PIXELS:
        raise RefusedFile(
            f"Ảnh quá lớn ({width} × {height} điểm). Hãy thu nhỏ xuống dưới 100 triệu điểm ảnh."
        )
    return kept


def _office(content: bytes) -> FileKind:
    """Return which office file a container is, after looking at every member of it."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            _check_size(archive)
            kind = _main_kind(archive)
            for member in archive.infolist():
                _check_part(archive, member)
    except BROKEN as error:
        raise RefusedFile(
            "Tệp Word, Excel bị hỏng hoặc có mật khẩu. Hãy mở ra, lưu lại rồi gửi."
        ) from error
    return kind


def _check_size(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    swollen = any(
        member.file_size > SMALL and member.file_size > MAX_RATIO * max(member.compress_size, 1)
        for member in members
    )
    if len(members) > MAX_PARTS or unpacked > MAX_UNPACKED or swollen:
        raise RefusedFile(
            "Tệp nén phồng bất thường khi mở ra (dạng “bom nén”), có thể làm treo máy. "
            "Hãy tạo lại tệp từ Word hoặc Excel."
        )


def _main_kind(archive: zipfile.ZipFile) -> FileKind:
    names = set(archive.namelist())
    types = archive.read("[Content_Types].xml") if "[Content_Types].xml" in names else b""
    if b"macroEnabled" in types:
        raise RefusedFile("Tệp có macro. Hãy lưu lại thành .docx hoặc .xlsx không macro.")
    for kind, main in MAIN_PART.items():
        if main.encode() in types:
            return kind
    raise RefusedFile(
        f"Không nhận: tệp nén không phải Word, Excel. Hãy gửi từng tệp bên trong; chỉ nhận "
        f"{ACCEPTED}."
    )


def _check_part(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    name = member.filename
    if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/"):
        raise RefusedFile("Tệp có đường dẫn lạ bên trong, không an toàn.")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile
    if FORBIDDEN_PART.search(name):
        raise RefusedFile("Tệp chứa macro hoặc chương trình. Hãy lưu lại không có chúng.")
    part = archive.read(member)  # reads what the directory declares and checks its sum
    if name.endswith((".xml", ".rels")):
        if b"<!DOCTYPE" in part or b"<!ENTITY" in part:
            raise RefusedFile("Tệp có khai báo XML nguy hiểm bên trong, không an toàn.")
        if name.endswith(".rels") and REMOTE.search(part):
            raise RefusedFile(
                "Tệp tự tải nội dung từ nơi khác khi mở. Hãy bỏ liên kết ngoài rồi lưu lại."
            )


def clean_name(name: str, kind: FileKind) -> str:
    """Return a name safe in every file system, ending as the content is.

    >>> clean_name("../../Biên bản\\u202e (1).PDF.exe", FileKind.PDF)
    'Biên bản (1).PDF.pdf'
    """
    text = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    text = "".join(c for c in text if unicodedata.category(c) not in INVISIBLE)
    text = re.sub(r'[<>:"|?*\s]+', " ", text).strip(" .")
    stem, dot, suffix = text.rpartition(".")
    same = {kind.value, "jpeg"} if kind is FileKind.JPEG else {kind.value}
    known = suffix.lower() in same or len(suffix) in (2, 3, 4)
    stem = stem.rstrip(" .") if dot and known else text
    return f"{(stem or 'tep')[:LONGEST_NAME]}.{kind.value}"
