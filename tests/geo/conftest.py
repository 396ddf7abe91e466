"""What the tests of spatial numbers share: a grid of neighbours, a real parcel map."""

from collections.abc import Callable
from pathlib import Path

import geopandas
import numpy as np
import pytest

REAL_PARCELS = Path(__file__).parents[3] / "shared/data/parcels/thua_dat_hai_hoa.gpkg"


@pytest.fixture(scope="session")
def grid() -> Callable[[int, int], np.ndarray]:
    """Make the neighbouring pairs of a grid of cells numbered row by row."""

    def pairs(rows: int, columns: int) -> np.ndarray:
        cell = np.arange(rows * columns).reshape(rows, columns)
        across = np.column_stack([cell[:, :-1].ravel(), cell[:, 1:].ravel()])
        return np.r_[across, np.column_stack([cell[:-1].ravel(), cell[1:].ravel()])]

    return pairs


@pytest.fixture(scope="session")
def real_parcels() -> np.ndarray:
    """Return 511 real parcel shapes, EPSG:5899."""
    if not REAL_PARCELS.exists():
        pytest.skip("needs ../shared/data, which is not here")
    return geopandas.read_file(REAL_PARCELS).geometry.to_numpy()
