"""The files that browsers ask for, put together once: hashed and packed, which takes seconds."""

import hashlib
import os
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command


def collect() -> bool:
    """Collect the static files into STATIC_ROOT; False where none changed since the last time."""
    mark = Path(f"{settings.STATIC_ROOT}.checksum")
    current = checksum()
    if Path(settings.STATIC_ROOT).is_dir() and mark.exists() and mark.read_text() == current:
        return False
    mark.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0, clear=False)
    mark.write_text(current)
    return True


def checksum() -> str:
    """Digest of the files' names, sizes and times, and of what packs them."""
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    digest.update((settings.BASE_DIR / "requirements.txt").read_bytes())
    for finder in get_finders():
        for path, storage in finder.list([]):
            found = os.stat(storage.path(path))
            digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
