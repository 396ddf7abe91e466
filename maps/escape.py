"""The one way for a value to reach HTML or a script."""

import html
import json
from typing import Any


def text(value: object) -> str:
    """Escape `value` for the text or a quoted attribute of an element; None gives ""."""
    return "" if value is None else html.escape(str(value), quote=True)


def script(value: Any) -> str:
    """`value` as JSON that can stand inside <script>: no `<`, `>`, `&`, no line separator."""
    encoded = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        encoded = encoded.replace(character, f"\\u{ord(character):04x}")
    return encoded
