"""Jobs in lanes: order, width, failure; and that a build's jobs name what they read."""

from __future__ import annotations

import re
import threading
import time
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.runner import mapfiles
from pipelines.runner.lanes import Job, run_jobs

LANES = {"a": 1, "b": 1, "wide": 2}


def quiet(_name: str, _done: int) -> None:
    """Report nothing."""


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(LANES)), st.sets(st.integers(0, 11))),
        min_size=1,
        max_size=12,
    )
)
def test_each_job_runs_once_after_its_needs(drawn) -> None:
    ended: list[int] = []
    jobs = [
        Job(str(i), frozenset(str(n) for n in needs if n < i), lane, lambda i=i: ended.append(i))
        for i, (lane, needs) in enumerate(drawn)
    ]
    run_jobs(jobs, LANES, quiet)
    assert sorted(ended) == list(range(len(jobs)))
    for i, (_, needs) in enumerate(drawn):
        assert all(ended.index(n) < ended.index(i) for n in needs if n < i)


def test_lanes_run_side_by_side_and_none_does_more_than_it_is_wide() -> None:
    met, at_work, most = threading.Barrier(4, timeout=10), dict.fromkeys(LANES, 0), {}
    guard = threading.Lock()

    def meet() -> None:
        met.wait()  # passes only if all others that fit into the lanes are at work as well

    def work(lane: str) -> None:
        with guard:
            at_work[lane] += 1
            most[lane] = max(most.get(lane, 0), at_work[lane])
        time.sleep(0.005)
        with guard:
            at_work[lane] -= 1

    places = [(lane, n) for lane, width in LANES.items() for n in range(width)]
    jobs = [Job(f"meet {lane} {n}", frozenset(), lane, meet) for lane, n in places]
    met_all = frozenset(job.name for job in jobs)
    jobs += [
        Job(f"{lane}{i}", met_all, lane, partial(work, lane)) for lane in LANES for i in range(8)
    ]
    run_jobs(jobs, LANES, quiet)
    assert most == LANES


def test_those_that_most_work_waits_for_go_first() -> None:
    ended = []
    needs = {"alone": [], "begin": [], "middle": ["begin"], "end": ["middle"], "other": ["begin"]}
    jobs = [Job(n, frozenset(w), "a", lambda n=n: ended.append(n)) for n, w in needs.items()]
    run_jobs(jobs, LANES, quiet)
    assert ended[0] == "begin"
    assert ended.index("middle") < ended.index("other")


def test_heavy_work_counts_by_its_weight() -> None:
    ended = []
    jobs = [
        Job(n, frozenset(w), "a", partial(ended.append, n), weight)
        for n, w, weight in [
            ("first", (), 1),
            ("a", ("b",), 1),
            ("c", ("b",), 1),
            ("b", ("first",), 1),
            ("heavy", ("light",), 10),
            ("light", ("first",), 1),
        ]
    ]
    run_jobs(jobs, LANES, quiet)
    assert ended[:3] == ["first", "light", "heavy"]


def test_a_failure_ends_the_run_and_nothing_that_needs_it_begins() -> None:
    begun = []

    def fail() -> None:
        raise ValueError("the second is broken")

    jobs = [
        Job("first", frozenset(), "a", lambda: begun.append("first")),
        Job("second", frozenset({"first"}), "a", fail),
        Job("third", frozenset({"second"}), "b", lambda: begun.append("third")),
        Job("slow", frozenset({"first"}), "b", lambda: time.sleep(0.05)),
        Job("after", frozenset({"slow"}), "b", lambda: begun.append("after")),
    ]
    threads = threading.active_count()
    with pytest.raises(ValueError, match="the second is broken"):
        run_jobs(jobs, LANES, quiet)
    assert "third" not in begun
    assert threading.active_count() == threads, "no thread is left behind"


def test_reports_never_overlap_and_count_what_is_done() -> None:
    inside, seen = threading.Lock(), []

    def report(name: str, done: int) -> None:
        assert inside.acquire(blocking=False)
        time.sleep(0.002)
        seen.append((name, done))
        inside.release()

    jobs = [
        Job(f"{lane}{i}", frozenset({"there"}), lane, lambda: None)
        for lane in LANES
        for i in range(5)
    ]
    jobs.append(Job("last", frozenset(job.name for job in jobs), "a", lambda: None))
    run_jobs(jobs, LANES, report)
    assert len(seen) == 16
    assert seen[-1] == ("last", 15)


def test_each_sheet_of_map_files_waits_for_every_table_that_it_is_drawn_from() -> None:
    assert len(mapfiles.SHEETS) > 4
    for sheet in mapfiles.SHEETS:
        read = re.findall(r"\b(?:raw|staging|indicators|typologies|marts)\.\w+", sheet.rows)
        assert set(read) == sheet.needs, sheet.name
    # Nothing is read beside the rows of a sheet: they are what tells that its files are old.
    text = Path(mapfiles.__file__).read_text("utf-8").split("SHEETS = (")[0]
    assert not re.findall(r"\b(?:raw|staging|indicators|typologies|marts)\.\w+", text)
