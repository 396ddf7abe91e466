"""A photo without the camera's notes: position, maker's data, previews; its picture untouched.

JPEG: every APPn segment but JFIF, ICC and Adobe's colour note goes; of EXIF only how the camera
was held and when the picture was taken are written anew. Whatever follows the picture (a phone's
film, a second picture with a position of its own) is cut off. PNG: text and EXIF chunks go.
"""

import struct
import zlib
from collections.abc import Callable

Cleaner = Callable[[bytes], tuple[bytes, int, int]]

ORIENTATION, EXIF_IFD, TAKEN = 0x0112, 0x8769, 0x9003
SOI, EOI, SOS = 0xD8, 0xD9, 0xDA
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_DROPPED = frozenset({b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"})


class DamagedPhoto(ValueError):
    """The bytes are no whole picture."""


def clean_jpeg(content: bytes) -> tuple[bytes, int, int]:
    """Return the JPEG without notes, its width and its height in pixels."""
    out = [content[:2]]
    notes, width, height, at = b"", 0, 0, 2
    try:
        while True:
            marker, segment, at = _segment(content, at)
            if marker == EOI:
                break
            if marker in FRAMES:
                height, width = struct.unpack(">HH", segment[5:9])
            if marker == 0xE1 and segment[4:10] == b"Exif\0\0":
                notes = notes or _kept_notes(segment[10:])
                continue
            if marker == 0xFE or (0xE1 <= marker <= 0xEF and not _harmless(marker, segment)):
                continue
            out.append(segment)
            if marker == SOS:
                end = _end_of_scan(content, at)
                out.append(content[at:end])
                at = end
    except (struct.error, IndexError) as error:
        raise DamagedPhoto from error
    if not width or not height:
        raise DamagedPhoto
    if notes:
        out.insert(1, notes)
    return b"".join([*out, b"\xff\xd9"]), width, height


def _segment(content: bytes, at: int) -> tuple[int, bytes, int]:
    """Return (marker, whole segment, where the next one begins)."""
    if content[at] != 0xFF:
        raise DamagedPhoto
    while content[at + 1] == 0xFF:  # fill bytes
        at += 1
    marker = content[at + 1]
    if marker == EOI or marker in STANDALONE:
        return marker, content[at : at + 2], at + 2
    (length,) = struct.unpack(">H", content[at + 2 : at + 4])
    end = at + 2 + length
    if length < 2 or end > len(content):
        raise DamagedPhoto
    return marker, content[at:end], end


def _harmless(marker: int, segment: bytes) -> bool:
    return (marker == 0xE2 and segment[4:16] == b"ICC_PROFILE\0") or (
        marker == 0xEE and segment[4:9] == b"Adobe"
    )


def _end_of_scan(content: bytes, at: int) -> int:
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            raise DamagedPhoto
        after = content[at + 1]
        if after and after not in STANDALONE and after != 0xFF:
            return at
        at += 1 if after == 0xFF else 2


def _kept_notes(tiff: bytes) -> bytes:
    """Return an APP1 segment with the orientation and the moment of `tiff`; b"" without either."""
    try:
        order = {b"II": "<", b"MM": ">"}[tiff[:2]]
        (start,) = struct.unpack(order + "I", tiff[4:8])
        main = _entries(tiff, start, order)
        held = struct.unpack(order + "H", main[ORIENTATION][8:10])[0] if ORIENTATION in main else 0
        taken = b""
        if EXIF_IFD in main:
            (inner,) = struct.unpack(order + "I", main[EXIF_IFD][8:12])
            if entry := _entries(tiff, inner, order).get(TAKEN):
                (offset,) = struct.unpack(order + "I", entry[8:12])
                taken = tiff[offset : offset + 20]
    except (KeyError, struct.error, IndexError):
        return b""
    if len(taken) != 20 or not all(b in b"0123456789: \0" for b in taken):
        taken = b""
    if not 1 <= held <= 8 and not taken:
        return b""
    held = held if 1 <= held <= 8 else 1
    rows = [struct.pack(">HHIHH", ORIENTATION, 3, 1, held, 0)]
    tail = b""
    if taken:
        inner = 8 + 2 + 2 * 12 + 4
        rows.append(struct.pack(">HHII", EXIF_IFD, 4, 1, inner))
        tail = struct.pack(">HHHIII", 1, TAKEN, 2, 20, inner + 18, 0) + taken
    body = b"MM\0*" + struct.pack(">IH", 8, len(rows)) + b"".join(rows) + bytes(4) + tail
    exif = b"Exif\0\0" + body
    return b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif


def _entries(tiff: bytes, start: int, order: str) -> dict[int, bytes]:
    (count,) = struct.unpack(order + "H", tiff[start : start + 2])
    rows = (tiff[start + 2 + 12 * n : start + 14 + 12 * n] for n in range(min(count, 200)))
    return {struct.unpack(order + "H", row[:2])[0]: row for row in rows if len(row) == 12}


def clean_png(content: bytes) -> tuple[bytes, int, int]:
    """Return the PNG without text and EXIF chunks, its width and its height in pixels."""
    out, at, width, height = [PNG_SIGNATURE], len(PNG_SIGNATURE), 0, 0
    while True:
        head = content[at : at + 8]
        if len(head) < 8:
            raise DamagedPhoto
        length, name = struct.unpack(">I", head[:4])[0], head[4:]
        end = at + 12 + length
        chunk = content[at:end]
        if len(chunk) != 12 + length or struct.unpack(">I", chunk[-4:])[0] != zlib.crc32(
            chunk[4:-4]
        ):
            raise DamagedPhoto
        if name == b"IHDR":
            width, height = struct.unpack(">II", chunk[8:16])
        if name not in PNG_DROPPED:
            out.append(chunk)
        at = end
        if name == b"IEND":
            break
    if not width or not height:
        raise DamagedPhoto
    return b"".join(out), width, height
