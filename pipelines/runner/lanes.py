"""Jobs that rest on each other, run side by side in lanes.

Python holds a lock that lets one thread compute, while DuckDB works outside it: Python
models in one lane and SQL in another keep two cores busy. What a job makes depends on
what it needs alone, never on what else runs (docs/decisions.md, 17).
"""

from __future__ import annotations

import graphlib
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

Report = Callable[[str, int], None]


@dataclass(frozen=True)
class Job:
    """One step: its name, the names of those it needs done before, its lane, what it does.

    ``weight`` says how long it takes beside others; of jobs that are ready, the one with the
    most work in it and behind it goes first.
    """

    name: str
    needs: frozenset[str]
    lane: str
    work: Callable[[], object]
    weight: int = 1


def run_jobs(jobs: Sequence[Job], lanes: Mapping[str, int], report: Report) -> None:
    """Run every job after those it needs, in each lane as many at a time as it is wide.

    Parameters
    ----------
    jobs
        Needs that are no job's name count as there.
    lanes
        Each lane's width.
    report
        Called as a job starts, by the job's thread but never by two at once, with its name and
        how many jobs are done.

    Raises
    ------
    Exception
        Of the first job that failed; no other is begun then, and those at work end first.
    """
    rank, by_name = _ranks(jobs), {job.name: job for job in jobs}
    order = graphlib.TopologicalSorter({j.name: j.needs & by_name.keys() for j in jobs})
    order.prepare()
    ready: set[str] = set()
    running: dict[Future[None], str] = {}
    free, done, one_at_a_time = dict(lanes), 0, threading.Lock()

    def start(job: Job) -> None:
        with one_at_a_time:
            report(job.name, done)
        job.work()

    # Left only when all that was begun has ended, also after a failure.
    with ThreadPoolExecutor(sum(lanes.values())) as pool:
        while order.is_active():
            ready.update(order.get_ready())
            for name in sorted(ready, key=rank.__getitem__):
                job = by_name[name]
                if free[job.lane]:
                    free[job.lane] -= 1
                    ready.remove(name)
                    running[pool.submit(start, job)] = name
            ended, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in sorted(ended, key=lambda f: rank[running[f]]):
                future.result()
                name = running.pop(future)
                order.done(name)
                free[by_name[name].lane] += 1
                done += 1


def _ranks(jobs: Sequence[Job]) -> dict[str, int]:
    """Return the place of each job in line: first those with the most work in and behind them."""
    waiting: dict[str, set[str]] = {job.name: set() for job in jobs}
    for name in reversed(_in_order(jobs)):
        needed_by = [job.name for job in jobs if name in job.needs]
        waiting[name].update(needed_by, *(waiting[other] for other in needed_by))
    weight = {job.name: job.weight for job in jobs}
    load = {name: sum(weight[n] for n in names | {name}) for name, names in waiting.items()}
    line = sorted(jobs, key=lambda job: (-load[job.name], job.name))
    return {job.name: place for place, job in enumerate(line)}


def _in_order(jobs: Sequence[Job]) -> list[str]:
    names = {job.name for job in jobs}
    return list(graphlib.TopologicalSorter({j.name: j.needs & names for j in jobs}).static_order())
