"""The scorecard's arithmetic (tiêu chí đánh giá hiệu quả), eight criteria of 100 points in all.

Pure functions of counts. A figure of few is shown with its Wilson interval and not scored; what
can't be applied leaves its weight to the others, and below MIN_COVERAGE there is no score at all.
There is no ranking: two units are never compared here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

Z_95 = 1.96
MIN_COUNT = 5
MIN_COVERAGE = 0.70
REPEAT_CEILING = 0.5  # K4: half of the answers coming back is worth nothing
COLLECTIVE_FAULT = 25.0  # K5: points for a collective case whose term was missed
CAP = 69.0  # land taken by force before the resettlement the law asks for first


class Criterion(StrEnum):
    """The eight criteria, in the order they are printed."""

    STEPS = "K1"
    PAYMENT = "K2"
    COMPLAINTS = "K3"
    REPEATS = "K4"
    COLLECTIVE = "K5"
    RESETTLEMENT = "K6"
    SCHEDULE = "K7"
    DATA = "K8"


DEFAULT_WEIGHTS: dict[Criterion, int] = dict(
    zip(Criterion, (20, 15, 15, 15, 10, 10, 10, 5), strict=True)
)
BANDS = ((85.0, "tốt"), (70.0, "khá"), (50.0, "trung bình"), (0.0, "yếu"))


def wilson(good: int, of: int, z: float = Z_95) -> tuple[float, float]:
    """Return the Wilson 95 % interval of the share good / of; ValueError without a denominator.

    >>> [round(end, 5) for end in wilson(27, 30)]
    [0.74379, 0.9654]
    """
    if of <= 0 or not 0 <= good <= of:
        raise ValueError(f"no share: {good} of {of}")
    share = good / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    # Rounding alone may step over the ends.
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))


@dataclass(frozen=True, slots=True)
class Count:
    """What a criterion rests on: `good` of `of` things, or a number without a denominator.

    `of` None: `value` alone decides (the number of late collective cases, the schedule's SPI).
    """

    good: int = 0
    of: int | None = None
    value: float | None = None

    @property
    def applies(self) -> bool:
        """Whether there is anything to judge."""
        return bool(self.of) if self.value is None else True

    @property
    def enough(self) -> bool:
        """Whether it may be scored, not only shown."""
        return self.applies and (self.of is None or self.of >= MIN_COUNT)

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of the share, where there is one."""
        return wilson(self.good, self.of) if self.of else None


def points(criterion: Criterion, count: Count) -> float | None:
    """Return the points 0..100 of one criterion; None where it isn't scored.

    K4's `good` are the answers that did not come back.
    """
    if not count.enough:
        return None
    if criterion is Criterion.COLLECTIVE:
        return max(0.0, 100.0 - COLLECTIVE_FAULT * (count.value or 0.0))
    if criterion is Criterion.SCHEDULE:
        return 100.0 * min(1.0, count.value or 0.0)
    assert count.of  # noqa: S101  (enough: there is a denominator)
    if criterion is Criterion.REPEATS:
        back = (count.of - count.good) / count.of
        return 100.0 * max(0.0, 1.0 - back / REPEAT_CEILING)
    return 100.0 * count.good / count.of


@dataclass(frozen=True, slots=True)
class Line:
    """One criterion as it is printed."""

    criterion: Criterion
    weight: int
    count: Count
    points: float | None


@dataclass(frozen=True, slots=True)
class Score:
    """The whole: `total` 0..100 or None below the coverage; `capped` says the cap was applied."""

    lines: tuple[Line, ...]
    coverage: float
    total: float | None
    capped: bool

    @property
    def band(self) -> str:
        """The word for the total; empty without one."""
        if self.total is None:
            return ""
        return next(word for least, word in BANDS if self.total >= least)


def score(
    counts: Mapping[Criterion, Count],
    weights: Mapping[Criterion, int] = DEFAULT_WEIGHTS,
    *,
    forced_before_resettlement: bool = False,
) -> Score:
    """Return the weighted mean of what is scored, with its coverage and the cap.

    The weights of what isn't scored go to the others in proportion. One case of land taken by
    force before the resettlement that the law of its regime asks for first caps the total.
    """
    lines = tuple(
        Line(each, weights[each], counts[each], points(each, counts[each])) for each in Criterion
    )
    scored = [line for line in lines if line.points is not None]
    weight = sum(line.weight for line in scored)
    coverage = weight / sum(weights[each] for each in Criterion)
    if not weight or coverage < MIN_COVERAGE:
        return Score(lines, coverage, None, capped=False)
    total = _mean(scored, weight)
    capped = forced_before_resettlement and total > CAP
    return Score(lines, coverage, CAP if capped else total, capped)


def _mean(lines: Sequence[Line], weight: int) -> float:
    return sum(line.weight * (line.points or 0.0) for line in lines) / weight
