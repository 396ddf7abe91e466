"""What somebody typed into the search box: parcels as people write them, words that say the kind.

"đơn số 143/2023" seeks 143/2023 among the letters: the words in front say what is sought and are
no part of it. They help and never hide: where nothing is found so, the text is sought as typed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from gpmb.land.models import ParcelNumber, parcel_key

SHORTEST = 2
NUMBER = r"\d+[a-zđ]?"
OF = r"\s*(?:s[ốo]\b)?\s*:?\s*"
SHEET = rf"t[ờo](?:\s*b[ảa]n\s*[đd][ồo])?{OF}"
PARCEL = rf"th[ửu]a(?:\s*[đd][ấa]t)?{OF}"
APART = r"\s*[/,;(-]?\s*"
SHEET_AND_NUMBER = re.compile(
    rf"^(?:{SHEET})?(\w+)(?:\s*[/,;(-]\s*{PARCEL}|\s+{PARCEL}|\s*[/,-]\s*)({NUMBER})\)?$",
    re.IGNORECASE,
)
NUMBER_AND_SHEET = re.compile(rf"^{PARCEL}({NUMBER}){APART}{SHEET}(\w+)\)?$", re.IGNORECASE)
NUMBER_ALONE = re.compile(rf"^{PARCEL}({NUMBER})$", re.IGNORECASE)
SEVERAL = re.compile(
    rf"^(?:(?:{SHEET})?(\w+)\s*(?:/|,?\s*{PARCEL})\s*|{PARCEL})?"
    rf"({NUMBER}(?:\s*\+\s*{NUMBER})+)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Parcels:
    """Parcel numbers as somebody wrote them; without a sheet: of any."""

    sheet: str | None
    numbers: tuple[str, ...]

    @classmethod
    def read(cls, text: str) -> Parcels | None:
        """Read "5/85", "tờ 5 thửa 85", "thửa đất số 85, tờ bản đồ số 5", "thửa 85", "17+175"."""
        text = unicodedata.normalize("NFC", text)
        if match := SEVERAL.match(text):
            return cls(match[1], tuple(re.split(r"\s*\+\s*", match[2])))
        match = SHEET_AND_NUMBER.match(text)
        # "HS-7" is a case's code; "5-85" and "TĐ1/85" are parcels.
        if match and (match[1].isdigit() or "-" not in text):
            return cls(match[1], (match[2],))
        if match := NUMBER_AND_SHEET.match(text):
            return cls(match[2], (match[1],))
        if match := NUMBER_ALONE.match(text):
            return cls(None, (match[1],))
        return None

    def find(self) -> QuerySet[ParcelNumber]:
        rows = ParcelNumber.objects.filter(valid_to=None)
        if self.sheet is not None:
            return rows.filter(key__in=[parcel_key(self.sheet, n) for n in self.numbers])
        return rows.filter(number__in=[n.lstrip("0") for n in self.numbers])


@dataclass(frozen=True)
class Lead:
    """Words in front that say which kinds are sought.

    A phrase with diacritics must be typed with them: "ho" may be the name Hồ, "hộ" may not.
    `numbered`: only where a number follows, as "quyết định" may begin a name.
    """

    kinds: tuple[str, ...]
    phrases: tuple[str, ...]
    numbered: bool = False


PAPERS = ("van-ban", "cho-tra-loi")
LEADS = (
    Lead(
        PAPERS,
        (
            "van ban", "cong van", "quyet dinh", "thong bao", "bien ban", "to trinh", "bao cao",
            "ke hoach", "giay moi", "giay bien nhan", "bang ke", "hop dong", "qd", "tb", "cv",
        ),
        numbered=True,
    ),
    Lead(
        ("don-thu",),
        (
            "don", "don thu", "don khieu nai", "don to cao", "don kien nghi", "don phan anh",
            "thu", "khieu nai", "to cao", "kien nghi", "phan anh", "so tiep nhan",
        ),
        numbered=True,
    ),
    Lead(("ho-so", "ho", "thua"), ("ho so", "ma ho so", "hs")),
    Lead(
        ("ho", "ho-so", "thua"),
        (
            "hộ", "ông", "bà", "ho ong", "ho ba", "ho gia dinh", "ho gia dinh ong",
            "ho gia dinh ba", "chu su dung", "chu su dung dat", "nguoi su dung dat",
        ),
    ),
    Lead(("du-an",), ("dự án", "du an", "ma du an")),
    Lead(("phuong",), ("phuong", "xã", "thi tran")),
    Lead((*PAPERS, "don-thu", "ho-so", "thua"), ("so",), numbered=True),
)  # fmt: skip
PHRASES = {phrase: lead for lead in LEADS for phrase in lead.phrases}
LONGEST = max(len(phrase.split()) for phrase in PHRASES)


NAMED = ("du-an", "ho-so", "ho", "phuong")
"""What may be called by words that elsewhere say a kind: "Đường số 7", "Km 5+200"."""


@dataclass(frozen=True)
class Reading:
    """One way to take a text: what is sought, among which kinds (none: among all)."""

    text: str
    kinds: tuple[str, ...] = ()

    @property
    def is_enough(self) -> bool:
        """Whether it says enough to be sought: "đơn số 5" does, "5" alone does not."""
        return len(self.text) >= SHORTEST or (bool(self.kinds) and self.text.isdigit())

    def asks(self, kind: str) -> bool:
        return not self.kinds or kind in self.kinds


def readings(text: str) -> list[Reading]:
    """Return the ways to take a text, the likeliest first; the text as typed is the last."""
    words = unicodedata.normalize("NFC", text).split()
    meant, typed = _meant(words), " ".join(words)
    return [meant, Reading(typed, NAMED)] if meant.kinds else [Reading(typed)]


def _meant(words: Sequence[str], kinds: tuple[str, ...] = ()) -> Reading:
    text = " ".join(words)
    if Parcels.read(text) and ("+" in text or _plain(text).startswith(("thua", "to "))):
        return Reading(text, ("thua",))
    for length in range(min(LONGEST, len(words) - 1), 0, -1):
        lead = _lead_of(words[:length])
        rest = words[length:]
        if lead is None:
            continue
        if _plain(rest[0]).rstrip(":.") == "so" and _numbered(rest[1:]):
            rest = rest[1:]
        if lead.numbered and not _numbered(rest):
            continue
        if lead.numbered:
            rest = _number_of(rest)
        within = tuple(kind for kind in lead.kinds if not kinds or kind in kinds)
        return _meant(rest, within) if within else Reading(text, kinds)
    return Reading(text, kinds)


def _lead_of(words: Sequence[str]) -> Lead | None:
    phrase = " ".join(words).lower().rstrip(":.")
    return PHRASES.get(phrase) or PHRASES.get(_plain(phrase))


def _numbered(words: Sequence[str]) -> bool:
    return bool(words) and any(letter.isdigit() for letter in words[0])


def _number_of(words: Sequence[str]) -> list[str]:
    """The number alone of "12/QĐ-UBND ngày 05/03/2023 của UBND thành phố"; "143 năm 2023"."""
    plain = [_plain(word) for word in words]
    if plain[1:2] == ["nam"] and len(words) > 2:
        return [f"{words[0]}/{words[2]}"]
    ends = [
        at for at, word in enumerate(plain) if at and word.strip(",(") in ("ngay", "cua", "ve")
    ]
    return [word.strip(",;") for word in words[: min(ends, default=len(words))]]


def _plain(text: str) -> str:
    """Lower case without diacritics, đ as d, as `gpmb_fold` has it."""
    parts = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(letter for letter in parts if not unicodedata.combining(letter))
