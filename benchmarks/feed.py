"""One feed of 10,000 entries: time and memory of reading and keeping it, beside feedparser's parsing alone.

    python benchmarks/feed.py [--entries 10000]

Each figure is of a process of its own: its wall time, from start to end, and its largest resident memory.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from collect import CONFIG, SOURCE, WORKERS, feed_body, server

PARSE = "import feedparser, sys; print(len(feedparser.parse(open(sys.argv[1], 'rb').read())['entries']))"
COLLECT = ["-m", "redshank", "-c"]


def measured(arguments: list[str]) -> tuple[float, float]:
    """Seconds and MiB of a Python process with these arguments."""
    began = time.perf_counter()
    child = os.posix_spawn(
        sys.executable,
        [sys.executable, *arguments],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, descriptor, os.devnull, os.O_WRONLY, 0) for descriptor in (1, 2)],
    )
    _, status, usage = os.wait4(child, 0)
    if status:
        sys.exit(f"failed: {' '.join(arguments)}")
    return time.perf_counter() - began, usage.ru_maxrss / 1024


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--entries", type=int, default=10_000)
    entries = arguments.parse_args().entries
    with tempfile.TemporaryDirectory() as folder, server(1, entries) as urls:
        config, raw = Path(folder) / "redshank.toml", Path(folder) / "feed.xml"
        config.write_text(CONFIG.format(workers=WORKERS) + SOURCE.format(n=0, url=urls[0]))
        raw.write_bytes(feed_body(0, entries))
        runs = {
            "feedparser.parse alone": ["-c", PARSE, str(raw)],
            "redshank collect, first": [*COLLECT, str(config), "collect"],
            "redshank collect, unchanged": [*COLLECT, str(config), "collect"],
        }
        print(f"one feed of {entries} entries, {raw.stat().st_size / 2**20:.1f} MiB")
        peer = 0.0
        for what, command in runs.items():
            seconds, memory = measured(command)
            peer = peer or seconds
            print(f"{what:28} {seconds:6.2f} s  {memory:5.0f} MiB  ratio to feedparser {peer / seconds:.2f}")


if __name__ == "__main__":
    main()
