"""Condense Natural Earth's roads to ways between neighbouring settlements.

Kilometres by class of road on the quickest way, no geometry: a table of our own from
public-domain lines. Alone (``python geodata/rebuild.py`` does the same among the rest)::

    python geodata/ways.py ne_10m_roads.zip
"""

from __future__ import annotations

import hashlib
import sys
import urllib.request
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "geodata")]

from pipelines.core import registry  # noqa: E402
from pipelines.net.address import bases  # noqa: E402
from pipelines.sources.natural_earth import read_roads  # noqa: E402
from pipelines.travel import embedded  # noqa: E402
from pipelines.travel.constants import TravelConstants  # noqa: E402
from pipelines.travel.roads import node_roads, on_known_land  # noqa: E402
from pipelines.travel.settlements import Settlements  # noqa: E402
from pipelines.travel.ways import derive_ways  # noqa: E402

NAME = "natural_earth_ways"


def fetch_roads(into: Path) -> Path:
    """Download the publisher's file."""
    source = registry.read_registry()["natural_earth_roads"]
    target = into / Path(source.path).name
    address = source.extra["download"].format(**bases())
    with urllib.request.urlopen(address) as stream:  # noqa: S310 - declared https
        target.write_bytes(stream.read())
    print(f"{target.name}: SHA-256 {hashlib.sha256(target.read_bytes()).hexdigest()}")
    return target


def condense(roads: Path) -> pd.DataFrame:
    """Ways between the embedded settlements, to 0.1 km and 1 m."""
    c = TravelConstants.from_thresholds(embedded.thresholds())
    nodes = Settlements.from_table(embedded.settlements())
    land = embedded.land(nodes, c)
    lines = read_roads(roads, registry.read_registry()["natural_earth_roads"])
    barriers = embedded.seeds().barriers
    layer = on_known_land(node_roads(lines, c), land, barriers, c)
    table = derive_ways(nodes, layer, land, barriers, c, small_places=False).to_pandas()
    kilometres = [name for name in table if "km" in name]
    table[kilometres] = table[kilometres].round(1).astype("float32")
    table["climb_m"] = table["climb_m"].round().astype("int16")
    ids = ["from_id", "to_id"]
    table[ids] = table[ids].astype("int32")
    return table.sort_values(ids).reset_index(drop=True)


def main() -> None:
    """Write the embedded ways from the roads' file at a path."""
    from rebuild import write  # rebuild imports this module

    write(NAME, condense(Path(sys.argv[1])))


if __name__ == "__main__":
    main()
