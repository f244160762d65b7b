"""Draw the settlements whose class of remoteness differs between two built databases.

Run: ``python benchmarks/class_map.py BEFORE.duckdb AFTER.duckdb OUT.png``. Blue is nearer
to a pole than before, red further; grey did not change. Straight seams between the two
colours would betray links that no road follows. Prints how many changed, and where most.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from pipelines.geo.projection import to_plane  # noqa: E402

#: From near to far.
CLASSES = ("pole", "belt", "intermediate", "peripheral", "ultra-peripheral")
WEST, SOUTH, EAST, NORTH = 2500.0, 1350.0, 7450.0, 5450.0  # EPSG:3035, km
PIXELS_PER_KM = 0.36
BACKGROUND, GREY = (255, 255, 255), (210, 210, 204)
NEARER, FURTHER = (20, 90, 200), (205, 45, 20)


def read(database: Path) -> pd.DataFrame:
    """Class of each settlement as its rank in :data:`CLASSES`, with place and country."""
    with duckdb.connect(str(database), read_only=True) as con:
        frame = con.sql("select geonameid, country, lon, lat, remoteness from marts.towns").df()
    frame["rank"] = frame["remoteness"].map({name: i for i, name in enumerate(CLASSES)})
    return frame.dropna(subset=["rank"]).set_index("geonameid")


def draw(frame: pd.DataFrame, out: Path) -> None:
    """Draw a dot a settlement; changes of two classes are larger."""
    xy = to_plane(frame["lon"].to_numpy(), frame["lat"].to_numpy())
    column = (xy[:, 0] - WEST) * PIXELS_PER_KM
    row = (NORTH - xy[:, 1]) * PIXELS_PER_KM
    size = (int((EAST - WEST) * PIXELS_PER_KM), int((NORTH - SOUTH) * PIXELS_PER_KM))
    image = Image.new("RGB", size, BACKGROUND)
    pen = ImageDraw.Draw(image)
    change = frame["change"].to_numpy()
    for i in np.argsort(np.abs(change), kind="stable"):
        step = abs(change[i])
        radius = 0.5 if not step else 0.7 + 0.7 * step
        colour = GREY if not step else NEARER if change[i] < 0 else FURTHER
        x, y = column[i], row[i]
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    image.save(out)


def main() -> None:
    """Compare two databases."""
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    before, after, out = (Path(a) for a in sys.argv[1:])
    both = read(after).join(read(before)["rank"].rename("old"), how="inner")
    both["change"] = both["rank"] - both["old"]
    draw(both, out)
    nearer, further = (both["change"] < 0).mean(), (both["change"] > 0).mean()
    two = (both["change"].abs() > 1).mean()
    print(
        f"{len(both):,} settlements: {nearer:.1%} nearer, {further:.1%} further, "
        f"{two:.2%} by two classes or more"
    )
    by = both.groupby("country")["change"].agg(
        places="size", nearer=lambda c: (c < 0).mean(), further=lambda c: (c > 0).mean()
    )
    by = by[by["places"] >= 100].round(3)
    print(by.assign(all=by["nearer"] + by["further"]).nlargest(8, "all").to_string())


if __name__ == "__main__":
    main()
