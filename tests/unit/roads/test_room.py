"""Memory and disk: measured runs lie below the estimate, and a shortage is refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.core.errors import InputError
from pipelines.roads.room import (
    Need,
    free_disk_gb,
    free_memory_gb,
    need_of_extract,
    need_of_roads,
    refuse_shortage,
)


@pytest.mark.parametrize(
    ("roads_mb", "memory_mb", "disk_mb"),
    [(0.26, 55, 2.9), (0.30, 60, 3.4), (1.02, 84, 15.3), (1.09, 100, 16.1), (2.43, 207, 53.9)],
)
def test_the_estimate_lies_above_measured_runs(
    roads_mb: float, memory_mb: float, disk_mb: float
) -> None:
    """Peak memory and files of ``osrm extract`` and ``contract``, measured apart."""
    need = need_of_roads(roads_mb)
    assert memory_mb / 1000 < need.memory_gb < 0.1 + 3 * memory_mb / 1000
    assert disk_mb / 1000 < need.disk_gb


def test_a_country_needs_what_a_country_needs() -> None:
    """A trial put Germany (some 4 300 MB) at 9 to 10 GB with the main roads alone."""
    assert 10 < need_of_extract(4300, "main").memory_gb < 20
    assert need_of_extract(4300, "main").memory_gb < need_of_extract(4300, "all").memory_gb


def test_a_shortage_is_refused() -> None:
    need = Need(memory_gb=9.5, disk_gb=3.0)
    folder = Path("/somewhere")
    refuse_shortage(need, 9.5, 3.0, folder, "")
    refuse_shortage(need, None, 3.0, folder, "")
    with pytest.raises(InputError, match=r"too little memory.*9\.5 GB.*4\.00 GB of memory are"):
        refuse_shortage(need, 4.0, 3.0, folder, "")
    with pytest.raises(InputError, match=r"too little disk.*2\.90 GB are free in /somewhere"):
        refuse_shortage(need, 64.0, 2.9, folder, "")


def test_what_is_free_here(tmp_path: Path) -> None:
    psutil = pytest.importorskip("psutil")
    memory = free_memory_gb()
    assert memory is None or 0 < memory <= psutil.virtual_memory().total / 1e9
    assert free_disk_gb(tmp_path / "not" / "there") == pytest.approx(
        psutil.disk_usage(str(tmp_path)).free / 1e9, rel=0.05
    )
