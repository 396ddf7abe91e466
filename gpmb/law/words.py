"""Whole đồng in Vietnamese words, as receipts and decisions write them."""

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
BILLION = 1_000_000_000
LIMIT = BILLION**2


def number_in_words(number: int) -> str:
    """Return a whole number from 0 up to (not including) 10^18 in words, in lower case.

    >>> number_in_words(21_005_040)
    'hai mươi mốt triệu không trăm linh năm nghìn không trăm bốn mươi'

    Raises:
        ValueError: negative or too large.
    """
    if not 0 <= number < LIMIT:
        raise ValueError(f"{number} không đọc được thành chữ")
    if number == 0:
        return DIGITS[0]
    above, rest = divmod(number, BILLION)
    words = [f"{_below_billion(above, leading=True)} tỷ"] if above else []
    if rest:
        words.append(_below_billion(rest, leading=not above))
    return " ".join(words)


def vnd_in_words(amount_vnd: int) -> str:
    """Return an amount as a sentence begins: capital first, "đồng" last.

    >>> vnd_in_words(1_500_000)
    'Một triệu năm trăm nghìn đồng'
    """
    words = number_in_words(amount_vnd)
    return f"{words[0].upper()}{words[1:]} đồng"


def _below_billion(number: int, *, leading: bool) -> str:
    """Read millions, thousands and units; groups of zero are silent."""
    words: list[str] = []
    for scale, name in ((1_000_000, " triệu"), (1_000, " nghìn"), (1, "")):
        group = number // scale % 1_000
        if group:
            words.append(_group(group, first=leading and not words) + name)
    return " ".join(words)


def _group(number: int, *, first: bool) -> str:
    """Read three digits; only the first group of a number leaves out "không trăm"."""
    hundreds, tens, units = number // 100, number // 10 % 10, number % 10
    words = [] if first and not hundreds else [DIGITS[hundreds], "trăm"]
    if tens == 0 and units and words:
        words.append("linh")
    elif tens == 1:
        words.append("mười")
    elif tens > 1:
        words += [DIGITS[tens], "mươi"]
    if units:
        words.append(_unit(units, tens))
    return " ".join(words)


def _unit(units: int, tens: int) -> str:
    if units == 1 and tens > 1:
        return "mốt"
    if units == 4 and tens > 1:
        return "tư"
    return "lăm" if units == 5 and tens else DIGITS[units]
