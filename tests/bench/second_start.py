"""How long bin/demo takes until /healthz answers, line by line: run from the repository's root.

    python -m tests.bench.second_start [--times 3]

The city must have been made (bin/demo --prepare). Each line that bin/demo prints comes with the
seconds since the start, so that the step that takes long shows itself. Exit code 1 when the best
start misses the limit.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 10.0


def seconds_until_healthy(port: int) -> float:
    begun = time.perf_counter()
    demo = subprocess.Popen(
        [ROOT / "bin/demo"],
        env=os.environ | {"GPMB_PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )

    def show() -> None:
        for line in demo.stdout or ():
            print(f"{time.perf_counter() - begun:6.2f} s  {line}", end="")

    threading.Thread(target=show, daemon=True).start()
    try:
        while demo.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                    return time.perf_counter() - begun
            except OSError:
                time.sleep(0.02)
        raise SystemExit(f"bin/demo ended with {demo.returncode}")
    finally:
        demo.send_signal(signal.SIGTERM)
        demo.wait()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--port", type=int, default=8170)
    options = parser.parse_args()
    starts = [seconds_until_healthy(options.port) for _ in range(options.times)]
    print("until /healthz answers:", ", ".join(f"{spent:.1f} s" for spent in starts))
    return 1 if min(starts) > LIMIT_S else 0


if __name__ == "__main__":
    sys.exit(main())
