"""Jobs in lanes: order, one at a time, failure."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.lanes import Job, run_jobs


def quiet(_name: str, _done: int) -> None:
    """Report nothing."""


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["python", "sql", "file"]), st.sets(st.integers(0, 11))),
        min_size=1, max_size=12,
    )
)  # fmt: skip
def test_each_job_runs_once_after_its_needs(drawn) -> None:
    ended: list[int] = []
    jobs = [
        Job(str(i), frozenset(str(n) for n in needs if n < i), lane, lambda i=i: ended.append(i))
        for i, (lane, needs) in enumerate(drawn)
    ]
    run_jobs(jobs, quiet)
    assert sorted(ended) == list(range(len(jobs)))
    for i, (_, needs) in enumerate(drawn):
        assert all(ended.index(n) < ended.index(i) for n in needs if n < i)


def test_lanes_run_side_by_side_and_a_lane_does_one_at_a_time() -> None:
    met, at_work, most = threading.Barrier(2, timeout=10), {"a": 0, "b": 0}, {"a": 0, "b": 0}

    def meet() -> None:
        met.wait()  # passes only if the other lane is at work as well

    def work(lane: str) -> None:
        at_work[lane] += 1
        most[lane] = max(most[lane], at_work[lane])
        time.sleep(0.005)
        at_work[lane] -= 1

    jobs = [Job(f"meet {lane}", frozenset(), lane, meet) for lane in "ab"]
    jobs += [
        Job(f"{lane}{i}", frozenset(), lane, lambda lane=lane: work(lane))
        for lane in "ab" for i in range(8)
    ]  # fmt: skip
    run_jobs(jobs, quiet)
    assert most == {"a": 1, "b": 1}


def test_those_that_most_wait_for_go_first() -> None:
    ended = []
    needs = {"alone": [], "begin": [], "middle": ["begin"], "end": ["middle"], "other": ["begin"]}
    jobs = [Job(n, frozenset(w), "one", lambda n=n: ended.append(n)) for n, w in needs.items()]
    run_jobs(jobs, quiet)
    assert ended[0] == "begin"
    assert ended.index("middle") < ended.index("other")


def test_a_failure_ends_the_run_and_nothing_that_needs_it_begins() -> None:
    begun = []

    def fail() -> None:
        raise ValueError("the second is broken")

    jobs = [
        Job("first", frozenset(), "one", lambda: begun.append("first")),
        Job("second", frozenset({"first"}), "one", fail),
        Job("third", frozenset({"second"}), "two", lambda: begun.append("third")),
        Job("slow", frozenset({"first"}), "two", lambda: time.sleep(0.05)),
        Job("after", frozenset({"slow"}), "two", lambda: begun.append("after")),
    ]
    threads = threading.active_count()
    with pytest.raises(ValueError, match="the second is broken"):
        run_jobs(jobs, quiet)
    assert "third" not in begun
    assert threading.active_count() == threads, "no thread is left behind"


def test_reports_never_overlap_and_count_what_is_done() -> None:
    inside, seen = threading.Lock(), []

    def report(name: str, done: int) -> None:
        assert inside.acquire(blocking=False)
        time.sleep(0.002)
        seen.append((name, done))
        inside.release()

    jobs = [Job(f"{lane}{i}", frozenset({"there"}), lane, lambda: None)
            for lane in "abc" for i in range(5)]  # fmt: skip
    jobs.append(Job("last", frozenset(job.name for job in jobs), "a", lambda: None))
    run_jobs(jobs, report)
    assert len(seen) == 16
    assert seen[-1] == ("last", 15)
