"""Static files are hashed and packed when they changed, and left alone when they did not."""

import os
from pathlib import Path
from typing import Any

import pytest

from gpmb import static_files


@pytest.fixture
def sheet(settings: Any, tmp_path: Path) -> Path:
    source = tmp_path / "source"
    source.mkdir()
    settings.STATIC_ROOT = tmp_path / "served"
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    (source / "page.css").write_text("a{}")
    return source / "page.css"


def served(settings: Any) -> str:
    return str((settings.STATIC_ROOT / "page.css").read_text())


def test_the_second_time_nothing_is_done(sheet: Path) -> None:
    assert static_files.collect()
    assert not static_files.collect()


def test_a_changed_and_a_new_file_are_served(sheet: Path, settings: Any) -> None:
    static_files.collect()
    sheet.write_text("b{}")
    os.utime(sheet, (2_000_000_000, 2_000_000_000))
    assert static_files.collect()
    assert served(settings) == "b{}"
    sheet.with_name("print.css").write_text("c{}")
    assert static_files.collect()
    assert (settings.STATIC_ROOT / "print.css").exists()


def test_a_folder_that_was_emptied_is_filled_again(sheet: Path, settings: Any) -> None:
    static_files.collect()
    (settings.STATIC_ROOT / "page.css").unlink()
    settings.STATIC_ROOT.rmdir()
    assert static_files.collect()
    assert served(settings) == "a{}"


def test_an_interrupted_time_is_done_again(sheet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    static_files.collect()
    sheet.with_name("print.css").write_text("c{}")

    def interrupted(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as during:
        during.setattr(static_files, "call_command", interrupted)
        with pytest.raises(KeyboardInterrupt):
            static_files.collect()
    assert static_files.collect()
