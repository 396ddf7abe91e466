"""Public ids: a random 53-bit number (exact in JavaScript), written in base32 in addresses.

Primary keys never leave the server: they count rows and invite guessing.
"""

import secrets

# Crockford's alphabet: no I, L, O, U, so that an id read out over the telephone survives.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUE = {letter: value for value, letter in enumerate(_ALPHABET)}


def new_ref() -> int:
    """Return a random integer in 1 … 2**53 - 1."""
    return secrets.randbelow(2**53 - 1) + 1


def encode(ref: int) -> str:
    """Return `ref` in base32, 11 characters.

    >>> encode(1)
    '00000000001'
    """
    return "".join(_ALPHABET[(ref >> shift) & 31] for shift in range(50, -1, -5))


def decode(text: str) -> int:
    """Return the integer behind `text`; ValueError for anything that `encode` can't have made."""
    if len(text) != 11 or any(letter not in _VALUE for letter in text):
        raise ValueError(f"{text!r} is not a reference")
    ref = 0
    for letter in text:
        ref = ref << 5 | _VALUE[letter]
    return ref


def written(text: str) -> int | None:
    """Return the ref that a form's value writes in digits; None for anything else."""
    return int(text) if text.isdecimal() and len(text) <= 16 else None


class RefConverter:
    """Path converter `<ref:ref>`: base32 in the address, an integer in the view."""

    regex = "[0-9a-hjkmnp-tv-z]{11}"

    def to_python(self, value: str) -> int:
        return decode(value)

    def to_url(self, value: int) -> str:
        return encode(value)
