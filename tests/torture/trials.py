"""All trials by name, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable

from tests.torture import damages, disks, kills, swaps
from tests.torture.rows import Bench, Row

TRIALS: dict[str, Callable[[Bench], list[Row]]] = {
    "operations": kills.at_each_operation,
    "builds": kills.of_builds,
    "places": kills.of_places,
    "fetches": kills.of_fetches,
    "roads": kills.of_roads,
    "two-builds": kills.two_builds,
    "full-disk": disks.full,
    "full-home": disks.of_the_home,
    "read-only": disks.read_only,
    "clock": damages.of_clocks,
    "embedded": damages.of_embedded,
    "databases": damages.of_databases,
    "pointers": damages.of_pointers,
    "swaps": swaps.under_threads,
    "pages": swaps.under_pages,
    "server": swaps.under_a_server,
}
