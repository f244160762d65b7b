"""Measure what a user brings: facilities, own origins, own places."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from hinterland._arguments import flags, optional_path, text, wrong
from hinterland._arguments import path as path_of
from hinterland._cite import credited
from hinterland._database import PathLike, store_of
from hinterland._remarks import remark, warn
from pipelines.core.errors import InputError
from pipelines.core.findings import SHOWN_FINDINGS

if TYPE_CHECKING:
    import pandas as pd

#: What a frame of facilities is read by; further columns are left alone.
_COLUMNS = ("id", "name", "lon", "lat", "capacity")
# The file that stands for a frame, and how a message of it names another row.
_FRAME = "facilities.csv"
_IN_ROW = re.compile(r"in row (\d+)")


def reach(
    facilities: pd.DataFrame | PathLike,
    origins: pd.DataFrame | None = None,
    country: str | None = None,
    domestic: bool = False,
    *,
    matrix: PathLike | None = None,
    mode: str | None = None,
    one_per_site: bool = False,
    database: PathLike | None = None,
) -> pd.DataFrame:
    """Measure who reaches which of your facilities: minutes, choice, supply.

    Parameters
    ----------
    facilities : DataFrame, GeoDataFrame, str or Path
        Columns ``id``, ``lon``, ``lat`` (EPSG:4326) and, if known, ``name`` and ``capacity``;
        of a GeoDataFrame the points, in any CRS that it states. A path is a CSV or GeoJSON
        file. A capacity stands in every row or in none: each counts as one then.
    origins : DataFrame or GeoDataFrame, optional
        Your own points (cells, addresses): columns ``lon`` and ``lat``, or points. Default:
        every settlement.
    country : str, optional
        Eurostat code; only its settlements are returned. People abroad still compete.
    domestic : bool
        Count only facilities in the own country.
    matrix : str or Path, optional
        Parquet of ``origin``, ``destination``, ``minutes`` in place of the estimate.
    mode : str, optional
        Which mode of the matrix is taken, where its column ``mode`` holds several.
    one_per_site : bool
        Count each facility as one, whatever capacity it states.
    database : str or Path, optional
        Folder of another build.

    Returns
    -------
    DataFrame
        One row a settlement (``geonameid``): ``minutes_nearest`` (by car, estimated),
        ``nearest_id``, ``within_15``, ``within_30``, ``within_60`` (facilities),
        ``supply_score`` (E2SFCA, capacity per person) and other scores. With ``origins`` one
        row an origin, in their order and with their columns, geometry apart: ``geonameid``
        and ``access_min`` of the settlement on which it stands, the minutes and counts with
        the access added, no scores. NULL minutes where no facility is reached.
        ``attrs["remarks"]`` says in sentences what was repaired or set aside, what the score
        shares out and how many settlements reach none.

    Raises
    ------
    InputError
        A row cannot be used, or capacities stand in some rows only; the message names row,
        field, what was found and is allowed.

    Warns
    -----
    HinterlandWarning
        Something was repaired or set aside, or for want of capacities each counts as one.

    Notes
    -----
    Minutes are an estimate over a network of settlements, not routes: ``docs/travel-time.md``.
    Only people of listed settlements share a capacity: ``settled_share`` (their share of the
    official people of the NUTS-3 region) says by how much scores are too high below 1, too low
    above; compare scores of two countries by ``supply_score * settled_share``
    (``docs/methods/access.md``).
    Sources: your facilities; GeoNames (CC BY 4.0) for people and places.

    Examples
    --------
    >>> import pandas as pd, hinterland as hl
    >>> clinics = pd.DataFrame({"id": ["a", "b"], "lon": [6.13, 6.05], "lat": [49.61, 49.50]})
    >>> found = hl.reach(clinics, country="LU", one_per_site=True)
    >>> float(found["minutes_nearest"].min()) < 5
    True
    >>> village = pd.DataFrame({"name": ["Vianden"], "lon": [6.209], "lat": [49.935]})
    >>> hl.reach(clinics, origins=village)[["name", "nearest_id", "within_60"]]
          name nearest_id  within_60
    0  Vianden          a          2
    """
    flags(domestic=domestic, one_per_site=one_per_site)
    matrix_file = optional_path("matrix", matrix)
    for name, value in (("country", country), ("mode", mode)):
        if value is not None:
            text(name, value)
    store = store_of(database)
    with _as_file(facilities) as path, _of_frame(facilities):
        if origins is not None:
            if country is not None or matrix is not None or mode is not None:
                raise InputError("origins go without country and matrix: they are the rows")
            measured, sentences = _from_origins(store, path, origins, domestic)
            remarks = _told(sentences, facilities)
            warn(remarks)
            return credited(remark(measured, remarks), store, "access")
        import pyarrow.parquet as pq

        from pipelines.serve import own_reach as serve
        from pipelines.serve.selection import select_rows
        from pipelines.serve.store import to_frame

        if country is not None:  # says what is allowed
            select_rows(store, "towns", {"country": country}, columns=["geonameid"])

        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "reach.parquet"
            summary = serve.run(
                store,
                path,
                out,
                country=country,
                domestic=domestic,
                matrix=matrix_file,
                mode=mode,
                one_per_site=one_per_site,
            )
            frame = to_frame(pq.read_table(out))
    warn(_told(summary.cautions(stated=one_per_site), facilities))
    frame = remark(frame, _told(summary.remarks(), facilities))
    return credited(frame, store, "access")


def places(
    file: PathLike, osm: bool = False, *, database: PathLike | None = None
) -> dict[str, pd.DataFrame]:
    r"""Measure your own social places, or those of an OpenStreetMap extract.

    Parameters
    ----------
    file : str or Path
        Own places (``.csv``, ``.geojson``; EPSG:4326), or with ``osm`` an Overpass JSON or
        OpenStreetMap GeoJSON.
    osm : bool
        Read the file as an extract; each table then carries the attribution that the ODbL
        asks for.
    database : str or Path, optional
        Folder of another build.

    Returns
    -------
    dict of str to DataFrame
        ``places``: the rows read with their settlement; ``settlements``: number, per
        10 000 people and variety; ``minutes``: from every settlement to the nearest of each
        type (by car, estimated); ``people``: within reach of each type and without.
        ``attrs["remarks"]`` of each says what was repaired, left out and is covered.

    Raises
    ------
    InputError
        The file cannot be read, or holds no place; the message names row and field.

    Warns
    -----
    HinterlandWarning
        Something was repaired or left out, or a place is near no settlement.

    Examples
    --------
    >>> import hinterland as hl, pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "places.csv"
    >>> head = "id,name,kind,type,country,lon,lat,coordinate_exactness,source"
    >>> row = "cafe,Village café,place,cafe_pub,LU,6.13,49.61,exact,own survey"
    >>> _ = file.write_text(f"{head}\n{row}\n", encoding="utf-8")
    >>> sorted(hl.places(file))
    ['minutes', 'people', 'places', 'settlements']
    """
    from pipelines.serve import place_files, place_remarks

    flags(osm=osm)
    store = store_of(database)
    measured = place_files.measure(store, path_of("file", file), osm)
    warn(place_remarks.cautions(measured))
    tables = ("places", "settlements", "minutes", "people")
    osm_credit = place_files.ATTRIBUTION if osm else ""
    return {
        name: credited(
            remark(getattr(measured, name), place_remarks.remarks(measured)),
            store,
            "towns",
            osm_credit,
        )
        for name in tables
    }


def _told(sentences: list[str], facilities: pd.DataFrame | PathLike) -> list[str]:
    """Return remarks that name a frame ``facilities``, not the file that stands for it."""
    if isinstance(facilities, (str, Path)):
        return sentences
    return [sentence.replace(f"{_FRAME}:", "facilities:", 1) for sentence in sentences]


@contextmanager
def _as_file(facilities: pd.DataFrame | PathLike) -> Iterator[Path]:
    """Give the facilities as a file, so that one reader judges all of them."""
    import pandas as pd

    if isinstance(facilities, (str, Path)):
        yield path_of("facilities", facilities)
        return
    if not isinstance(facilities, pd.DataFrame):
        raise InputError(
            f"facilities is a {type(facilities).__name__}; a DataFrame, a GeoDataFrame or a path "
            "is allowed"
        )
    frame = _with_lon_lat(facilities, "facilities")
    columns = [name for name in _COLUMNS if name in frame.columns]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / _FRAME
        frame[columns].to_csv(path, index=False)
        yield path


@contextmanager
def _of_frame(facilities: pd.DataFrame | PathLike) -> Iterator[None]:
    """Name the index of a frame where the reader names a row of the file that stands for it."""
    try:
        yield
    except InputError as error:
        if isinstance(facilities, (str, Path)) or not error.findings:
            raise
        labels = facilities.index
        lines = []
        for finding in error.findings:
            where = f", {_label(labels, finding.row)}" if finding.row > 1 else ""
            words = replace(finding, file=f"facilities{where}", row=0)
            lines.append(_IN_ROW.sub(lambda m: f"at {_label(labels, int(m[1]))}", str(words)))
        head = [f"facilities: {len(lines):,} things to put right:"] if len(lines) > 1 else []
        more = len(lines) - SHOWN_FINDINGS
        tail = [f"… and {more:,} more"] if more > 0 else []
        raise InputError("\n".join([*head, *lines[:SHOWN_FINDINGS], *tail])) from None


def _label(labels: pd.Index, row: int) -> str:
    """Return the index of a row of the file, whose header is row 1."""
    label = labels[row - 2]
    return f"index {label!r}" if isinstance(label, str) else f"index {label}"


def _with_lon_lat(frame: pd.DataFrame, what: str) -> pd.DataFrame:
    """Return a plain frame; points of a GeoDataFrame become ``lon`` and ``lat`` (EPSG:4326)."""
    import pandas as pd

    if not hasattr(frame, "crs"):
        return frame
    if frame.crs is None:
        raise InputError(f"{what}: the GeoDataFrame states no CRS; set it, for instance EPSG:4326")
    points = frame.geometry.to_crs(4326)
    strange = (points.geom_type != "Point") | points.is_empty
    if strange.any():
        row = int(strange.to_numpy().argmax())
        kind = points.geom_type.iloc[row] or "nothing"
        where = _label(frame.index, row + 2)
        raise InputError(f"{what}, {where}: the geometry is {kind}; a point is allowed")
    plain = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    return plain.assign(lon=points.x.to_numpy(), lat=points.y.to_numpy())


def _from_origins(
    store: object, path: Path, origins: pd.DataFrame, domestic: bool
) -> tuple[pd.DataFrame, list[str]]:
    import pandas as pd

    from pipelines.serve.own_origins import reach_of_origins
    from pipelines.serve.store import Store, to_frame

    if not isinstance(origins, pd.DataFrame):
        raise wrong("origins", origins, "a DataFrame or GeoDataFrame")
    frame = _with_lon_lat(origins, "origins").reset_index(drop=True)
    if frame.empty:
        raise InputError("origins: the frame has no rows; at least one is needed")
    for name, most in (("lon", 180), ("lat", 90)):
        if name not in frame.columns:
            raise InputError(
                f"origins: no column '{name}'; columns lon and lat (EPSG:4326) or points are needed"
            )
        numbers = pd.to_numeric(frame[name], errors="coerce")
        strange = ~(numbers.abs() <= most)
        if strange.any():
            row = int(strange.to_numpy().argmax())
            raise InputError(
                f"origins, {_label(origins.index, row + 2)}: {name} is {frame[name].iloc[row]!s}; "
                f"a number from -{most} to {most} is allowed"
            )
        frame[name] = numbers.astype(float)
    lon, lat = frame["lon"].to_numpy(), frame["lat"].to_numpy()
    table, remarks = reach_of_origins(cast(Store, store), path, lon, lat, domestic)
    measured = to_frame(table)
    mine = frame.drop(columns=[n for n in measured.columns if n in frame.columns])
    return pd.concat([mine, measured], axis=1), remarks
