"""How offices write in a list that a step is done."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher

from gpmb.importing.columns import fold
from gpmb.law import steps

STEP_WORDS: Mapping[str, tuple[str, ...]] = {
    "notice": ("thongbaothuhoi", "thongbao", "dathongbao", "rathongbaothuhoidat"),
    "inventory": ("kiemdem", "kiemdemxong", "dakiemdem"),
    "posting": ("niemyet", "niemyetpa", "niemyetphuongan", "niemyetcongkhai", "daniemyet"),
    "consultation": ("layykien", "dalayykien"),
    "dialogue": ("doithoai", "dadoithoai"),
    "appraisal": ("thamdinh", "thamdinhpa", "dathamdinh"),
    "approval": (
        "pheduyet", "pheduyetpa", "dapheduyet", "pheduyetphuongan", "qdpheduyet",
        "qdthuhoipheduyet", "dapheduyetpa",
    ),
    "payment": ("chitra", "dachitra", "danhantien", "nhantien", "chitraxong", "dachitratien"),
    "deposit": ("guitien", "guikhobac", "guitientaikhoan", "taikhoantamgiu"),
    "resettlement": ("botritdc", "botritaidinhcu", "dabotritdc"),
    "recovery": ("quyetdinhthuhoi", "qdthuhoi", "qdthuhoidat"),
    "handover": (
        "bangiao", "bangiaomb", "dabangiao", "dabangiaomb", "bangiaomatbang", "dabangiaomatbang",
    ),
}  # fmt: skip
_STEP_OF = {word: code for code, words in STEP_WORDS.items() for word in words} | {
    fold(row.label): row.code for row in steps.STEPS
}
"""Folded words by step; the step's own label is understood too."""
_NOT_STARTED = {"", "chuathuchien", "chua", "0"}


def step_of(words: str) -> str | None:
    """Return the code of a step as written, `PLANNED` for none begun, None for no step.

    >>> step_of("Đã chi trả"), step_of("chưa")
    ('payment', 'planned')
    """
    word = fold(words)
    return steps.PLANNED if word in _NOT_STARTED else _STEP_OF.get(word)


def nearest_step(words: str) -> steps.Step:
    """Return the step that shares most words with `words`, then most letters."""
    given = {fold(word) for word in words.split()}

    def likeness(row: steps.Step) -> tuple[int, float]:
        label = {fold(word) for word in row.label.split()}
        return len(given & label), SequenceMatcher(None, fold(words), fold(row.label)).ratio()

    return max(steps.STEPS, key=likeness)
