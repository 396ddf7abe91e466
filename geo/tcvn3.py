r"""Old Vietnamese text: TCVN3 (ABC fonts, TCVN 5712-1:1993) and Windows-1258.

Python has no TCVN codec. The table is the one of glibc's ``iconv -f TCVN5712-1``; results are NFC.
Capital accented vowels of ABC fonts are small letters of another font ("§¸" in .VnTimeH): the
letter case is lost in the file itself, not here.

>>> decode(b"Ph\xad\xeang H\xb6i H\xdfa")
'Phường Hải Hòa'
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Literal

Encoding = Literal["utf-8", "tcvn3", "cp1258"]
ENCODINGS: tuple[Encoding, ...] = ("tcvn3", "utf-8", "cp1258")

_CONTROLS = {
    0x01: "Ú", 0x02: "Ụ", 0x04: "Ừ", 0x05: "Ử", 0x06: "Ữ", 0x11: "Ứ", 0x12: "Ự",
    0x13: "Ỳ", 0x14: "Ỷ", 0x15: "Ỹ", 0x16: "Ý", 0x17: "Ỵ",
}  # fmt: skip
_HIGH = (
    "ÀẢÃÁẠẶẬÈẺẼÉẸỆÌỈĨ"
    "ÍỊÒỎÕÓỌỘỜỞỠỚỢÙỦŨ"
    "\u00a0ĂÂÊÔƠƯĐăâêôơưđẰ"
    "\u0300\u0309\u0303\u0301\u0323àảãáạẲằẳẵắẴ"
    "ẮẦẨẪẤỀặầẩẫấậèỂẻẽ"
    "éẹềểễếệìỉỄẾỒĩíịò"
    "Ổỏõóọồổỗốộờởỡớợù"
    "ỖủũúụừửữứựỳỷỹýỵỐ"
)
_TABLE = {**_CONTROLS, **{0x80 + index: letter for index, letter in enumerate(_HIGH)}}

_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|[bcdđghklmnpqrstvx])?"
    r"[aăâeêioôơuưy]{1,3}(?:ch|ng|nh|[cmnpt])?"
)
_TONES = str.maketrans("", "", "\u0300\u0301\u0303\u0309\u0323")


def decode(data: bytes) -> str:
    """Decode TCVN3 bytes to NFC Unicode."""
    return unicodedata.normalize("NFC", data.decode("latin-1").translate(_TABLE))


def _decode_1258(data: bytes) -> str:
    return unicodedata.normalize("NFC", data.decode("cp1258", errors="replace"))


def _decode_utf8(data: bytes) -> str:
    return unicodedata.normalize("NFC", data.decode("utf-8", errors="replace"))


_DECODERS: dict[Encoding, Callable[[bytes], str]] = {
    "tcvn3": decode,
    "cp1258": _decode_1258,
    "utf-8": _decode_utf8,
}


def from_latin1(text: str, encoding: Encoding) -> str:
    """Decode text that was read byte for byte as Latin-1.

    Text holding letters beyond Latin-1 is Unicode already and stays, in NFC.
    """
    try:
        data = text.encode("latin-1")
    except UnicodeEncodeError:
        return unicodedata.normalize("NFC", text)
    return _DECODERS[encoding](data)


def guess(samples: Iterable[bytes]) -> Encoding | None:
    """The encoding of undeclared bytes, or None when no reading is convincing.

    Valid UTF-8 is UTF-8 (other encodings hardly ever pass for it). Otherwise the reading whose
    accented words are Vietnamese syllables: at least nine in ten, and twice the other's share of
    failures.
    """
    lines = [line for line in samples if not line.isascii()]
    if not lines:
        return "utf-8"
    if all(_is_utf8(line) for line in lines):
        return "utf-8"
    scores: dict[Encoding, float] = {
        "tcvn3": _share_of_syllables(decode(line) for line in lines),
        "cp1258": _share_of_syllables(_decode_1258(line) for line in lines),
    }
    best, other = sorted(scores, key=lambda name: scores[name], reverse=True)
    if scores[best] >= 0.9 and 1 - scores[other] >= 2 * (1 - scores[best]) + 0.05:
        return best
    return None


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _share_of_syllables(lines: Iterable[str]) -> float:
    words = [word for line in lines for word in line.casefold().split() if not word.isascii()]
    words = [word.strip(".,;:()[]\"'-/") for word in words]
    if not words:
        return 0.0
    return sum(_is_syllable(word) for word in words) / len(words)


def _is_syllable(word: str) -> bool:
    letters = unicodedata.normalize("NFD", word)
    toneless = letters.translate(_TONES)
    if len(letters) - len(toneless) > 1:
        return False
    return bool(_SYLLABLE.fullmatch(unicodedata.normalize("NFC", toneless)))
