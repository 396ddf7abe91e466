"""Who holds what: parcels grouped into cases, cases held by fictional parties, land by class."""

from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator

from gpmb.management.demo.land import Land
from gpmb.management.demo.parameters import ProjectRow
from gpmb.management.demo.shapes import PUBLIC

SEVERAL = 0.31  # share of cases with several parcels (domain.md §5.5)
MORE = 0.46  # parameter of how many more
MOST_PARCELS = 9
MOST_CASE_M2 = 15_000.0
LARGEST_M2 = 16_000.0  # a parcel above this is an organisation's
UNOPENED = 0.03  # share of takings whose case is not opened yet
UNOPENED_LATE = 0.15  # the same where no notice has gone out
SAME_HOUSEHOLD = 0.2  # share of cases whose household has another case in the project
CO_OWNED = 0.06
BATCH_CASES = 36
MOST_BATCHES = 12

# Land classes of the circular in force in 2023 (TT 27/2018) by use; homes depend on the unit.
CLASSES = {
    "rice": "LUC",
    "crop": "BHK",
    "tree": "CLN",
    "pond": "NTS",
    "forest": "RSX",
    "ditch": "DTL",
    "road": "DGT",
    "grave": "NTD",
}
HOME = {"ward": "ODT", "commune": "ONT"}
NON_AGRI = frozenset({"ODT", "ONT", "DTL", "DGT", "NTD"})


@dataclass(slots=True)
class CaseRow:
    """One case before its history: its takings (indices of Land) and who holds them."""

    project: int
    number: int
    batch: int
    takings: list[int]
    parties: list[int]
    area_m2: float
    agri: bool
    non_agri: bool
    need: str = "none"
    plots: int = 0


@dataclass(slots=True)
class Holders:
    """Cases, parties (kind, members) and the land classes of every taking."""

    cases: list[CaseRow] = field(default_factory=list)
    parties: list[tuple[str, int]] = field(default_factory=list)
    parts: list[list[tuple[str, float]]] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)


def build(rng: Generator, land: Land, kinds: list[str], projects: list[ProjectRow]) -> Holders:
    """Group parcels into cases. `kinds` are the wards' kinds (ward, commune)."""
    result = Holders(parts=_parts(rng, land, kinds))
    for number, row in enumerate(projects):
        _open_cases(rng, number, row, land, result)
    return result


def _parts(rng: Generator, land: Land, kinds: list[str]) -> list[list[tuple[str, float]]]:
    """Return (class, m²) of each taking; homes may have a garden, fields a second crop."""
    luck = rng.random((len(land.use), 2))
    parts = []
    for use, ward, area, (mixed, share) in zip(
        land.use, land.ward, land.taken_m2, luck.tolist(), strict=True
    ):
        total = round(float(area), 1)
        if use == "home":
            first, second = HOME[kinds[ward]], "CLN"
            cut = round(min(total * (0.35 + 0.4 * share), 300.0), 1)
            split = mixed < 0.45 and total > 90
        else:
            first, second = CLASSES[use], "BHK"
            cut = round(total * (0.5 + 0.35 * share), 1)
            split = use == "rice" and mixed < 0.02 and total > 60
        rest = round(total - cut, 1)
        parts.append([(first, cut), (second, rest)] if split else [(first, total)])
    return parts


def _open_cases(rng: Generator, number: int, row: ProjectRow, land: Land, result: Holders) -> None:
    mine = np.flatnonzero(land.project == number).tolist()
    late = row.notice_on is None
    luck = rng.random((len(mine), 3))
    unopened = UNOPENED_LATE if late else UNOPENED
    waiting = [
        at
        for at, draw in zip(mine, luck[:, 0].tolist(), strict=True)
        if land.use[at] not in PUBLIC and (draw >= unopened or land.taken_m2[at] > LARGEST_M2)
    ]
    first_case, first_party = len(result.cases), len(result.parties)
    while waiting:
        takings = _choose(rng, waiting, land)
        area = round(float(sum(land.taken_m2[at] for at in takings)), 1)
        classes = {code for at in takings for code, _ in result.parts[at]}
        case = CaseRow(
            project=number,
            number=len(result.cases) - first_case + 1,
            batch=0,
            takings=takings,
            parties=_parties(rng, result, first_party, area),
            area_m2=area,
            agri=bool(classes - NON_AGRI),
            non_agri=bool(classes & NON_AGRI),
        )
        if classes & set(HOME.values()):
            draw = float(rng.random())
            if draw < 0.66:
                case.need, case.plots = "plot", 2 if draw < 0.04 else 1
            elif draw < 0.76:
                case.need = "self"
        result.cases.append(case)
    count = len(result.cases) - first_case
    batches = max(1, min(MOST_BATCHES, round(count / BATCH_CASES)))
    result.batches.append(batches)
    for at, case in enumerate(result.cases[first_case:]):
        case.batch = 1 + at * batches // count


def _choose(rng: Generator, waiting: list[int], land: Land) -> list[int]:
    """Take the next parcel, and for some cases others among the next few dozen."""
    takings = [waiting.pop(0)]
    area = float(land.taken_m2[takings[0]])
    if rng.random() >= SEVERAL:
        return takings
    for _ in range(min(MOST_PARCELS - 1, int(rng.geometric(MORE)))):
        near = min(len(waiting), 24)
        if near == 0:
            break
        at = int(near * float(rng.random()) ** 1.6)
        if area + land.taken_m2[waiting[at]] <= MOST_CASE_M2:
            area += float(land.taken_m2[waiting[at]])
            takings.append(waiting.pop(at))
    return sorted(takings)


def _parties(rng: Generator, result: Holders, first: int, area: float) -> list[int]:
    """Return the parties of a new case: one, an earlier one again, or co-owners."""
    draw = float(rng.random())
    known = len(result.parties) - first
    if area > LARGEST_M2:
        kind = "organisation"
    elif draw < SAME_HOUSEHOLD and known > 4:
        return [first + int(rng.integers(known))]
    else:
        kind = str(
            rng.choice(
                ["household", "individual", "organisation", "community"],
                p=[0.86, 0.105, 0.028, 0.007],
            )
        )
    count = 1
    if draw > 1 - CO_OWNED and kind in ("household", "individual"):
        count = int(rng.integers(2, 4))
    for _ in range(count):
        members = int(rng.choice([1, 2, 3, 4, 5, 6], p=[0.06, 0.14, 0.22, 0.32, 0.18, 0.08]))
        result.parties.append((kind, members if kind in ("household", "individual") else 0))
    return list(range(len(result.parties) - count, len(result.parties)))
