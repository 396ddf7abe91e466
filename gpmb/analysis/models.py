"""Stored answers: what is too slow or too important to compute anew at each question."""

from __future__ import annotations

from gpmb.analysis.blocking_models import Adjacency, AdjacencyState, Backtest
from gpmb.analysis.hotspot_models import Hotspot, HotspotArea, HotspotMeasure, HotspotRun
from gpmb.analysis.progress_models import (
    DailyDelta,
    DayState,
    DeltaState,
    DueSpan,
    DueState,
    Freeze,
)
from gpmb.analysis.scorecard_models import ScoreWeights
from gpmb.analysis.tile_models import Piece, PieceState, PieceVersion, TakingCell

__all__ = [
    "Adjacency",
    "AdjacencyState",
    "Backtest",
    "DailyDelta",
    "DayState",
    "DeltaState",
    "DueSpan",
    "DueState",
    "Freeze",
    "Hotspot",
    "HotspotArea",
    "HotspotMeasure",
    "HotspotRun",
    "Piece",
    "PieceState",
    "PieceVersion",
    "ScoreWeights",
    "TakingCell",
]
