"""Old Vietnamese bytes become Unicode."""

import shutil
import subprocess

import pytest

from geo import tcvn3


def test_decoding_a_ward():
    assert tcvn3.decode(b"Ph\xad\xeang H\xb6i H\xdfa") == "Phường Hải Hòa"


def test_ascii_stays():
    text = bytes(range(0x20, 0x7F))
    assert tcvn3.decode(text) == text.decode()


@pytest.mark.skipif(shutil.which("iconv") is None, reason="iconv is not installed")
def test_the_table_is_glibc_iconvs():
    data = b"\n".join(bytes([code]) for code in range(1, 256))
    done = subprocess.run(
        ["iconv", "-f", "TCVN5712-1", "-t", "UTF-8"], input=data, capture_output=True, check=True
    )
    import unicodedata

    assert tcvn3.decode(data) == unicodedata.normalize("NFC", done.stdout.decode())


def test_text_that_is_unicode_already_stays():
    assert tcvn3.from_latin1("Lê Văn Đạo", "tcvn3") == "Lê Văn Đạo"


def test_tcvn3_is_recognised():
    assert tcvn3.guess([b"L\xaa V\xa8n \xa7\xb9o", b"Ph\xad\xeang H\xb6i H\xdfa"]) == "tcvn3"


def test_windows_1258_is_recognised():
    assert tcvn3.guess([b"Ph\xfd\xf5\xccng Ha\xd2i Ho\xcca"]) == "cp1258"


def test_utf8_is_recognised():
    assert tcvn3.guess(["Phường Hải Hòa".encode()]) == "utf-8"


def test_other_languages_are_not_guessed():
    assert tcvn3.guess([b"Caf\xe9 Ren\xe9e M\xfcller Stra\xdfe"]) is None
