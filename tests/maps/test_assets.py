"""No file comes from the network: each address has a file of ours, or is an error."""

import inspect
from types import SimpleNamespace

import folium
import pytest

from maps import assets, layers


def test_every_address_of_a_bare_folium_map_is_known() -> None:
    wanted = [url for _, url in (*folium.Map.default_js, *folium.Map.default_css)]
    assert wanted
    assert {path for path in map(assets.local, wanted) if path} == {
        "leaflet/leaflet.js",
        "leaflet/leaflet.css",
        "bootstrap/bootstrap.bundle.min.js",
        "bootstrap/bootstrap.min.css",
    }


def test_an_unknown_address_is_an_error_that_names_it() -> None:
    with pytest.raises(assets.UnknownAddressError, match=r"leaflet_heat\.min\.js"):
        assets.local("https://cdn.example/gh/folium@main/leaflet_heat.min.js")


def test_every_file_of_the_table_is_copied() -> None:
    copied = {
        f"{place}{pattern.rsplit('/', 1)[1]}"
        for pattern, place in assets.FILES.items()
        if "*" not in pattern
    }
    assert {path for _, path in assets.CDN if path} <= copied


def test_the_layer_asks_for_the_versions_of_the_lock() -> None:
    package = (assets.ROOT / "package.json").read_text()
    for _, url in (*layers.VectorTiles.default_js, *layers.VectorTiles.default_css):
        name, version = url.split("/npm/")[1].rsplit("@", 1)
        assert f'"{name}": "{version.split("/")[0]}"' in package


def test_the_lock_names_no_registry() -> None:
    lock = (assets.ROOT / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert "omit-lockfile-registry-resolved=true" in (assets.ROOT / ".npmrc").read_text()


def test_a_second_install_does_nothing(tmp_path, monkeypatch) -> None:
    (tmp_path / ".checksum").write_text(assets.checksum())
    monkeypatch.setattr(assets, "subprocess", SimpleNamespace())  # any call would fail
    assert assets.install(tmp_path) is False


def test_a_failed_npm_leaves_the_old_files(tmp_path, monkeypatch) -> None:
    target = tmp_path / "vendor"
    target.mkdir()
    (target / "old.js").write_text("1")
    failed = SimpleNamespace(returncode=1, stderr="network is down")
    monkeypatch.setattr(assets.subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(assets.InstallError, match="network is down"):
        assets.install(target)
    assert (target / "old.js").exists()


def test_source_maps_are_not_announced() -> None:
    assert assets.SOURCE_MAP.sub(b"", b"x\n//# sourceMappingURL=a.js.map") == b"x\n"
    assert assets.SOURCE_MAP.sub(b"", b"x /*# sourceMappingURL=a.css.map */") == b"x "


def test_wrong_usage_exits_2(capsys) -> None:
    assert assets.main(["remove"]) == 2
    assert "python -m maps.assets install" in capsys.readouterr().err
    assert inspect.signature(assets.main).return_annotation is int
