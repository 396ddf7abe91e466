"""Where Django finds GDAL and GEOS: inside the wheels of pyogrio and shapely.

The wheels carry one build each; loading the system's beside them crashes or loses GDAL's data
files. `pyogrio` must be imported before the first geometry (settings does it).
"""

from importlib.util import find_spec
from pathlib import Path


def library_paths() -> tuple[str | None, str | None]:
    """Return (GDAL, GEOS) shared libraries of the wheels; None lets Django search the system."""
    return _bundled("pyogrio", "libgdal*"), _bundled("shapely", "libgeos_c*")


def _bundled(package: str, pattern: str) -> str | None:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return None
    libraries = Path(spec.origin).parent.parent / f"{package}.libs"
    return next((str(path) for path in sorted(libraries.glob(pattern))), None)
