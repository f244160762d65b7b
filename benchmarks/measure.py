"""What the benchmarks share: wall time and peak memory of a step."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil


@dataclass
class Measured:
    """Seconds and processor seconds of a step, and the largest memory of the process during it."""

    name: str
    seconds: float = 0.0
    cpu: float = 0.0
    peak_gb: float = 0.0

    def __str__(self) -> str:
        times = f"{self.seconds:8.2f} s   CPU {self.cpu:6.2f} s"
        return f"{self.name:<58} {times}   peak {self.peak_gb:5.2f} GB"


@contextmanager
def measured(name: str) -> Iterator[Measured]:
    """Time a step and watch the process's resident memory every 20 ms."""
    process, step, done = psutil.Process(), Measured(name), threading.Event()

    def watch() -> None:
        while not done.is_set():
            step.peak_gb = max(step.peak_gb, process.memory_info().rss / 1e9)
            done.wait(0.02)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    started, used = time.perf_counter(), time.process_time()
    try:
        yield step
    finally:
        step.seconds = time.perf_counter() - started
        step.cpu = time.process_time() - used
        done.set()
        watcher.join()
        step.peak_gb = max(step.peak_gb, process.memory_info().rss / 1e9)
        print(step, flush=True)


def verdict(claim: str, holds: bool) -> None:
    """Print a target and whether it is met."""
    print(f"{'met ' if holds else 'MISS'}  {claim}", flush=True)
