"""The processes behind a front: started, watched, replaced when they end, stopped with it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pipelines.core.errors import InputError
from pipelines.net.front import Front, Worker, health, numbered

#: A worker that ends so often without having served once is not started again.
TRIES = 3
#: Seconds: until a worker that stops is ended, between questions whether it serves, and the
#: longest pause before another is started.
_STOP, _PAUSE, _PAUSE_MOST = 5.0, 0.1, 30.0
_LONG_LIFE = 60.0


def listen_local(path: Path) -> socket.socket:
    """Return a Unix socket that listens at a path which only this user reaches."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    path.unlink(missing_ok=True)  # of a worker that has ended
    listener.bind(str(path))
    listener.listen(128)
    return listener


def end_with_parent() -> None:
    """Stop this process when the one that started it is gone, however that ended.

    Its end of our standard input closes then.
    """

    def watch() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 1024):
                pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def run(
    listener: socket.socket,
    number: int,
    command: Sequence[str],
    base: str,
    headers: Mapping[str, str],
    say: Callable[[str], None],
) -> None:
    """Serve a listening socket with several processes until a signal comes.

    Parameters
    ----------
    listener : socket
    number : int
        How many.
    command : sequence of str
        What starts one; the path of its Unix socket is added.
    base : str
        Path below which the dashboard is.
    headers : mapping of str to str
        Security headers of the answers that the front gives itself.
    say : callable
        Tells the operator that a process has ended.

    Raises
    ------
    InputError
        There are no Unix sockets here, or a process ends again and again before it serves.
    """
    if not hasattr(socket, "AF_UNIX"):
        raise InputError(f"--workers {number}: this system has no Unix sockets; allowed is 1.")
    with tempfile.TemporaryDirectory(prefix="hinterland-") as folder:
        workers = numbered(Path(folder), range(1, number + 1))
        asyncio.run(_serve(listener, workers, command, base, headers, say))


async def _serve(
    listener: socket.socket,
    workers: Sequence[Worker],
    command: Sequence[str],
    base: str,
    headers: Mapping[str, str],
    say: Callable[[str], None],
) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    # One secret for all: what one worker has signed, its successor reads.
    environment = {"STREAMLIT_SERVER_COOKIE_SECRET": secrets.token_hex(32), **os.environ}
    server = await Front(workers, base, headers).listen(listener)
    tasks = [
        asyncio.create_task(_kept_alive(worker, command, environment, f"{base}/health", say))
        for worker in workers
    ]
    end = asyncio.create_task(stopped.wait())
    try:
        finished, _rest = await asyncio.wait([end, *tasks], return_when=asyncio.FIRST_COMPLETED)
        for task in finished - {end}:
            task.result()
    finally:
        server.close()
        for task in (end, *tasks):
            task.cancel()
        await asyncio.gather(end, *tasks, return_exceptions=True)


async def _kept_alive(
    worker: Worker,
    command: Sequence[str],
    environment: Mapping[str, str],
    target: str,
    say: Callable[[str], None],
) -> None:
    """Have a worker always there."""
    failures, pause = 0, 0.0
    while True:
        started = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            *command,
            str(worker.path),
            stdin=asyncio.subprocess.PIPE,
            env=environment,
            process_group=0,  # Ctrl-C is for the front, which ends its workers
        )
        try:
            code = await _life(worker, process, target)
        finally:
            has_served = worker.ready.is_set()
            worker.ready.clear()
            await _stopped(process)
        failures = 0 if has_served else failures + 1
        if failures == TRIES:
            raise InputError(
                f"process {worker.number} ended {TRIES} times before it served ({_cause(code)})."
            )
        say(f"Process {worker.number} has ended ({_cause(code)}); another takes its place.")
        # One that ends soon after each start is not started without a breath.
        is_short = time.monotonic() - started < _LONG_LIFE
        pause = min(max(0.5, 2 * pause), _PAUSE_MOST) if is_short else 0.0
        await asyncio.sleep(pause)


async def _life(worker: Worker, process: asyncio.subprocess.Process, target: str) -> int:
    """Wait until a worker serves, say so, and return its exit code when it has ended."""
    end = asyncio.create_task(process.wait())
    try:
        while not end.done():
            # "no data" is an answer, too: its pages say so.
            if (await health(worker, target))["status"] != "starting":
                worker.ready.set()
                break
            await asyncio.wait([end], timeout=_PAUSE)
        return await end
    finally:
        end.cancel()


async def _stopped(process: asyncio.subprocess.Process) -> None:
    """End a process that still runs: asked first, then at once."""
    for stop in (process.terminate, process.kill):
        if process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError, TimeoutError):
            stop()
            await asyncio.wait_for(process.wait(), _STOP)


def _cause(code: int) -> str:
    """Return why a process has ended."""
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
