"""Bring the fetched sources: ``hinterland fetch``.

Each declaration in ``geodata/sources`` with ``kind = "fetched"`` says where its file
is and how it is read. A file is read once before it takes the place of the copy at
hand, so that a changed header or a new flag never costs what was there.
"""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from pipelines.core.errors import HinterlandError, InputError, SourceUnavailable, printable
from pipelines.core.registry import Source, read_registry
from pipelines.io import notes as fetched
from pipelines.net import eurostat_api
from pipelines.net.client import Client

DEFAULT_MAX_BYTES = 300 << 20
#: name, bytes so far, bytes in all (None where not known).
Report = Callable[[str, int, int | None], None]


@dataclass(frozen=True)
class FetchResult:
    """What became of one source.

    Attributes
    ----------
    name : str
    path : Path
        Where the file lies or would lie.
    status : str
        ``fetched``; ``unchanged``: the publisher has nothing newer; ``failed``;
        ``by hand``: the publisher offers no fixed address, ``message`` says what to do.
    message : str
        Why, and what is left.
    error : HinterlandError or None
    kept_days : float or None
        Age of the copy that is there, in days; None where there is none.
    """

    name: str
    path: Path
    status: str
    message: str
    error: HinterlandError | None = None
    kept_days: float | None = None


def fetch(
    out: Path,
    only: list[str] | None = None,
    progress: Report | None = None,
    *,
    registry: dict[str, Source] | None = None,
    client: Client | None = None,
) -> list[FetchResult]:
    """Bring all fetched sources, or some; one failure does not stop the others.

    Parameters
    ----------
    out : Path
        Folder of the fetched files; made if it is not there.
    only : list of str, optional
        Names of sources; by default all but those that declare ``on_request``: what is
        very large comes only where it is asked for.
    progress : callable, optional
        Called with name, bytes so far and bytes in all, from two threads.
    registry : dict of str to Source, optional
        All declarations; read from ``geodata/sources`` by default.
    client : Client, optional

    Returns
    -------
    list of FetchResult
        In the order of the registry; sources that share a file are brought once.

    Raises
    ------
    InputError
        A name in ``only`` is no fetched source.
    """
    sources = _chosen(read_registry() if registry is None else registry, only)
    client = client or Client()
    firsts = {source.path: source for source in reversed(sources)}
    with ThreadPoolExecutor(client.policy.at_once) as pool:
        jobs = {
            path: pool.submit(
                _one, client, source, [s for s in sources if s.path == path], out, progress
            )
            for path, source in firsts.items()
        }
    return [dataclasses.replace(jobs[s.path].result(), name=s.name) for s in sources]


def _chosen(registry: dict[str, Source], only: list[str] | None) -> list[Source]:
    known = {name: source for name, source in registry.items() if source.kind == "fetched"}
    unknown = sorted(set(only or []) - known.keys())
    if unknown:
        raise InputError(
            f"--only {unknown[0]}: no such fetched source. There are: {', '.join(sorted(known))}."
        )
    return [
        source
        for name, source in known.items()
        if (name in only if only else not source.extra.get("on_request"))
    ]


def on_request(registry: dict[str, Source]) -> list[str]:
    """Return the fetched sources that come only where they are asked for by name."""
    return [name for name, source in registry.items() if source.extra.get("on_request")]


def _one(
    client: Client, source: Source, readers: list[Source], out: Path, progress: Report | None
) -> FetchResult:
    """Bring one file and have it read by each source that uses it."""
    target = out / source.path
    if source.extra.get("by_hand"):
        return _by_hand(source, target)
    notify = (lambda done, total: progress(source.name, done, total)) if progress else None
    try:
        request = fetched.FileRequest(
            url=_url(client, source),
            target=target,
            kind=source.extra["format"],
            max_bytes=source.extra.get("max_bytes", DEFAULT_MAX_BYTES),
            sha256=source.sha256,
            judge=lambda path: _judge(readers, path),
        )
        notes = client.download(request, notify)
    except HinterlandError as error:
        return _failed(source, target, error)
    except Exception as error:
        # Whatever a publisher's answer sets off in a library: the other sources still come.
        text = f"{source.name}: its answer cannot be used ({type(error).__name__}: {error})."
        return _failed(source, target, SourceUnavailable(text))
    if notes is None:
        return FetchResult(
            source.name,
            target,
            "unchanged",
            "the publisher has nothing newer",
            kept_days=_age(target),
        )
    dataset = source.extra.get("dataset")
    update = eurostat_api.last_update(client, dataset) if dataset else notes.last_modified
    fetched.write_notes(target, dataclasses.replace(notes, last_update=update))
    return FetchResult(source.name, target, "fetched", f"{notes.bytes:,} bytes", kept_days=0.0)


def _url(client: Client, source: Source) -> str:
    if "dataset" in source.extra:
        return eurostat_api.data_url(client.bases["eurostat"], source)
    address: str = source.extra["download"]
    return address.format(**client.bases)


def _judge(readers: list[Source], path: Path) -> None:
    for source in readers:
        module, _, name = source.reader.partition(":")
        getattr(importlib.import_module(module), name)(path, source)


def _age(target: Path) -> float | None:
    notes = fetched.read_notes(target) if target.exists() else None
    return fetched.age_days(notes) if notes else None


def _failed(source: Source, target: Path, error: HinterlandError) -> FetchResult:
    age = _age(target)
    if not target.exists():
        copy_state = "No copy of it is there yet."
    elif age is None:
        copy_state = f"The copy in {target} stays in use."
    else:
        copy_state = f"The copy of {age:.0f} days ago in {target} stays in use."
    text = " ".join([str(error), *getattr(error, "__notes__", ()), copy_state])
    return FetchResult(source.name, target, "failed", printable(text), error, age)


def _by_hand(source: Source, target: Path) -> FetchResult:
    if target.exists():
        return FetchResult(source.name, target, "by hand", f"there: {target}", None, _age(target))
    text = f"the publisher offers no fixed address; {source.extra['by_hand']} Put it at {target}."
    return FetchResult(source.name, target, "by hand", text)


def failures(results: list[FetchResult]) -> SourceUnavailable | None:
    """Return one error that names each source that failed, or None."""
    names = list(dict.fromkeys(r.name for r in results if r.status == "failed"))
    if not names:
        return None
    return SourceUnavailable(
        f"{len(names)} of {len(results)} sources failed: {', '.join(names)}. The reasons stand "
        "above; what was there before is unchanged. Try again: hinterland fetch "
        + " ".join(f"--only {name}" for name in names)
    )


class Bars:
    """Progress bars for a terminal: one a file, with size and time left."""

    def __init__(self, progress: Progress | None = None) -> None:
        self.progress = progress or Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
        )
        self.tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Bars:
        self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()

    def __call__(self, name: str, done: int, total: int | None) -> None:
        """Move one bar; made for `fetch`'s ``progress``."""
        if name not in self.tasks:
            self.tasks[name] = self.progress.add_task(name, total=total)
        self.progress.update(self.tasks[name], completed=done, total=total)
