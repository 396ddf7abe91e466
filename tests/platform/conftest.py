"""Clusters of their own, in folders of their own, gone after the test."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gpmb.localdb import Cluster, Mode


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder every user of the machine may enter, with a hard name; pytest's own are private."""
    outer = Path(tempfile.mkdtemp(prefix="gpmb-test-"))
    outer.chmod(0o755)
    folder = outer / "Móng Cái – thử nghiệm"
    folder.mkdir(mode=0o755)
    yield folder
    shutil.rmtree(outer)


@pytest.fixture
def cluster_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path, Mode], Cluster]]:
    """Return a maker of clusters of a forced mode; each is stopped and removed at the end."""
    made: list[Cluster] = []

    def make(folder: Path, mode: Mode) -> Cluster:
        monkeypatch.setenv("GPMB_LOCALDB_MODE", mode)
        cluster = Cluster(folder)
        assert cluster.mode is mode
        made.append(cluster)
        return cluster

    yield make
    for cluster in made:
        cluster.stop()
        shutil.rmtree(cluster.home, ignore_errors=True)
        shutil.rmtree(cluster.socket_dir, ignore_errors=True)


@pytest.fixture
def is_root() -> bool:
    return os.geteuid() == 0
