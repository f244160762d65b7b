"""Jobs that rest on each other, run side by side in lanes.

A lane does one job at a time. Python holds a lock that lets one thread compute, while
DuckDB works outside it: Python models in one lane and SQL in another keep two cores
busy. What a job makes depends on what it needs alone, never on what else runs.
"""

from __future__ import annotations

import graphlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

Report = Callable[[str, int], None]


@dataclass(frozen=True)
class Job:
    """One step: its name, the names of those it needs done before, its lane, what it does."""

    name: str
    needs: frozenset[str]
    lane: str
    work: Callable[[], object]


def run_jobs(jobs: Sequence[Job], report: Report) -> None:
    """Run every job after those it needs, one at a time in each lane.

    Parameters
    ----------
    jobs
        Needs that are no job's name count as there.
    report
        Called as a job starts, by the job's thread but never by two at once, with its name and
        how many jobs are done.

    Raises
    ------
    Exception
        Of the first job that failed; no other is begun then, and those at work end first.
    """
    rank = _ranks(jobs)
    by_name = {job.name: job for job in jobs}
    order = graphlib.TopologicalSorter({j.name: j.needs & by_name.keys() for j in jobs})
    order.prepare()
    lanes = {lane: ThreadPoolExecutor(1) for lane in sorted({job.lane for job in jobs})}
    running: dict[Future, str] = {}
    done, one_at_a_time = 0, threading.Lock()

    def start(job: Job) -> None:
        with one_at_a_time:
            report(job.name, done)
        job.work()

    try:
        while order.is_active():
            for name in sorted(order.get_ready(), key=rank.__getitem__):
                running[lanes[by_name[name].lane].submit(start, by_name[name])] = name
            ended, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in sorted(ended, key=lambda f: rank[running[f]]):
                future.result()
                order.done(running.pop(future))
                done += 1
    finally:
        for lane in lanes.values():
            lane.shutdown(wait=False, cancel_futures=True)
        for lane in lanes.values():
            lane.shutdown(wait=True)


def _ranks(jobs: Sequence[Job]) -> dict[str, int]:
    """Return the place of each job in line: first those that most others wait for."""
    waiting: dict[str, set[str]] = {job.name: set() for job in jobs}
    for name in reversed(_in_order(jobs)):
        needed_by = [job.name for job in jobs if name in job.needs]
        waiting[name].update(needed_by, *(waiting[other] for other in needed_by))
    line = sorted(jobs, key=lambda job: (-len(waiting[job.name]), job.name))
    return {job.name: place for place, job in enumerate(line)}


def _in_order(jobs: Sequence[Job]) -> list[str]:
    names = {job.name for job in jobs}
    return list(graphlib.TopologicalSorter({j.name: j.needs & names for j in jobs}).static_order())
