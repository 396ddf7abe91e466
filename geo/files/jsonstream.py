"""Read a big JSON object member by member: the features one at a time, the rest whole.

The standard library's scanner does the work on a sliding buffer, so memory is bounded by the
largest single feature (`MAX_VALUE`), not by the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn, TextIO

from geo.files.model import FileError

_BLOCK = 1024**2
MAX_VALUE = 32 * 1024**2
"""Characters of one feature, or of one other top-level member."""
_SPACE = re.compile(r"[ \t\n\r]*")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} không phải số JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


class Members:
    """Members of the top-level object of a JSON file.

    Iterate with `features`; afterwards `others` holds the members besides, and `seen` tells
    whether the array was there at all.
    """

    def __init__(self, path: Path, array: str = "features") -> None:
        self.path = path
        self.array = array
        self.others: dict[str, Any] = {}
        self.seen = False
        self._file: TextIO
        self._buffer = ""
        self._at = 0
        self._ended = False

    def features(self) -> Iterator[Any]:
        """Yield the elements of the array; `FileError` where the text stops being JSON."""
        try:
            with self.path.open(encoding="utf-8-sig") as self._file:
                yield from self._object()
        except UnicodeDecodeError as error:
            raise FileError(
                "bad_text",
                f"Chữ trong tệp không phải UTF-8 (byte thứ {error.start} của khối). "
                "Lưu lại tệp với bảng mã UTF-8.",
            ) from error
        except RecursionError:
            raise FileError("json_too_deep", "JSON lồng nhau quá sâu: không đọc.") from None

    def _object(self) -> Iterator[Any]:
        if self._peek() != "{":
            raise FileError("json_not_object", "Tệp JSON phải mở đầu bằng một đối tượng { … }.")
        self._at += 1
        if self._peek() == "}":
            self._at += 1
        else:
            while True:
                key = self._value()
                if not isinstance(key, str):
                    self._broken("thiếu tên thuộc tính")
                self._expect(":")
                if key == self.array and self._peek() == "[":
                    self.seen = True
                    yield from self._elements()
                else:
                    self.others[key] = self._value()
                if self._expect(",}") == "}":
                    break
        if self._peek():
            self._broken("còn chữ sau dấu } cuối cùng")

    def _elements(self) -> Iterator[Any]:
        self._at += 1
        if self._peek() == "]":
            self._at += 1
            return
        while True:
            yield self._value()
            if self._expect(",]") == "]":
                return

    def _value(self) -> Any:
        self._peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._buffer, self._at)
            except ValueError as error:
                if not self._more():
                    if self._ended:
                        self._broken(str(error).split(":")[0])
                    raise FileError(
                        "json_too_big",
                        f"Một phần tử JSON dài hơn {MAX_VALUE // 1024**2} triệu ký tự hoặc hỏng.",
                    ) from error
                continue
            if end == len(self._buffer) and self._more():
                continue  # a number may go on in the next block
            if any(self._buffer.find(half, self._at, end) >= 0 for half in ("\\ud", "\\uD")):
                value = _scrubbed(value)
            self._at = end
            return value

    def _expect(self, allowed: str) -> str:
        found = self._peek()
        if not found or found not in allowed:
            self._broken(f"chờ {' hoặc '.join(allowed)}")
        self._at += 1
        return found

    def _peek(self) -> str:
        """The next character that is not space, or "" at the end."""
        while True:
            match = _SPACE.match(self._buffer, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._more():
                return ""

    def _more(self) -> bool:
        """Read on, dropping what was used; double each time, so that work stays linear."""
        kept = len(self._buffer) - self._at
        if self._ended or kept > MAX_VALUE:
            return False
        block = self._file.read(max(_BLOCK, kept))
        self._ended = not block
        self._buffer = self._buffer[self._at :] + block
        self._at = 0
        return bool(block)

    def _broken(self, why: str) -> NoReturn:
        code, message = "json_broken", f"Tệp không phải JSON đúng: {why}."
        if self._ended and self._at >= len(self._buffer) - 1:
            code, message = "truncated", "Tệp JSON kết thúc giữa chừng (bị cắt cụt)."
        near = self._buffer[self._at : self._at + 30]
        raise FileError(code, f"{message} Gần: {near!r}. Xuất lại tệp.")


def _scrubbed(value: Any) -> Any:
    """The same value with U+FFFD for halves of a surrogate pair, which no encoding can write."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_scrubbed(part) for part in value]
    if isinstance(value, dict):
        return {_scrubbed(key): _scrubbed(part) for key, part in value.items()}
    return value
