"""Reach of a user's own file: measured on the served database, named, and written."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path, PurePath

import pandas as pd
import pyarrow as pa

from pipelines.core.errors import InputError
from pipelines.io.atomic import refuse_own_input, writing
from pipelines.reach.facilities import Facilities, FacilityLimits, facilities_of
from pipelines.reach.files import ReachSummary, measure, near_settlements, reach_file
from pipelines.reach.sites import Sites
from pipelines.serve import answer_files
from pipelines.serve.reach import named, network, network_of
from pipelines.serve.store import Store
from pipelines.serve.study_area import NEAR, RADIUS, REGION, AreaChoice, StudyArea, study_area
from pipelines.serve.thresholds import thresholds

#: A wider area than this is Europe.
FARTHEST_KM = 1_000.0


@dataclass(frozen=True, kw_only=True)
class OwnReach:
    """Reach of a file that a user gave.

    Attributes
    ----------
    table : Table
        See :func:`pipelines.reach.engine.reach`, in map order.
    sites : Sites
    names : list of str
        Of the sites; empty where the file has none.
    summary : ReachSummary
        Repairs, what was set aside, what the score shares out.
    """

    table: pa.Table
    sites: Sites
    summary: ReachSummary
    names: list[str] = field(default_factory=list)

    @property
    def facilities(self) -> Facilities:
        """The facilities with their names."""
        return Facilities(sites=self.sites, repairs=self.summary.repairs, names=self.names)


def of_file(store: Store, name: str, content: bytes) -> OwnReach:
    """Measure the reach of a user's facilities.

    Parameters
    ----------
    name : str
        The file's name; its ending tells the format.
    content : bytes

    Raises
    ------
    InputError
        See :func:`pipelines.reach.facilities.read_facilities`; the limits of rows and size
        are those of ``facility_upload_most_rows`` and ``facility_upload_most_mb``.
    """
    rows = thresholds(store)
    limits = FacilityLimits(
        most_rows=rows["facility_upload_most_rows"], most_mb=rows["facility_upload_most_mb"]
    )
    nodes, _ = network_of(store)
    file_name = PurePath(name.replace("\\", "/")).name or "file"
    near = near_settlements(nodes, rows["travel_access_max_km"])
    facilities = facilities_of(content, file_name, limits, near)
    measured = measure(facilities, nodes, network(store), rows)
    return OwnReach(
        table=measured.table,
        sites=facilities.sites,
        names=facilities.names,
        summary=measured.summary,
    )


def rows_of(store: Store, own: OwnReach, area: StudyArea) -> pd.DataFrame:
    """Return the settlements of an area with their reach and names.

    Columns: those of :data:`answer_files.REACH`, ``country_name``, and ``people``, what a sum adds:
    nobody for a part, whose people its whole counts.
    """
    table = named(store, own.table.take(pa.array(area.positions)), own.facilities)
    more = store.frame(
        "select geonameid, country_name, "
        "case when part_of is null then coalesce(population, 0) else 0 end as people "
        "from marts.towns order by geonameid"
    )
    rows: pd.DataFrame = table.to_pandas().merge(more, on="geonameid", how="left")
    return rows


def _table(store: Store, own: OwnReach, rows: pd.DataFrame | None) -> pa.Table:
    """Return the rows to write: those of an area, or of all settlements."""
    if rows is None:
        return named(store, own.table, own.facilities)
    return pa.Table.from_pandas(rows[list(answer_files.REACH)], preserve_index=False)


def _facts(store: Store, name: str, own: OwnReach, area: StudyArea | None) -> dict[str, str]:
    return answer_files.reach_notes(store, name, area.words if area else "", own.summary)


def csv_zip(
    store: Store, name: str, own: OwnReach, area: StudyArea | None, rows: pd.DataFrame | None
) -> bytes:
    """Return reach with names as CSV in a zip with its notes; without rows of all settlements."""
    facts = _facts(store, name, own, area)
    return answer_files.csv_zip("reach", _table(store, own, rows), facts, answer_files.REACH)


def geojson(store: Store, name: str, own: OwnReach, area: StudyArea, rows: pd.DataFrame) -> bytes:
    """Return reach with names of the settlements of an area as GeoJSON with its notes."""
    facts = _facts(store, name, own, area)
    return answer_files.geojson("reach", _table(store, own, rows), facts, answer_files.REACH)


def area_of(
    *, country: str | None, region: str | None, radius: float | None, near: bool
) -> AreaChoice | None:
    """Return the area that a command asks for; None: all settlements, or the country's.

    Raises
    ------
    InputError
        More than one is asked for, or the radius is none.
    """
    stated = {"--country": country, "--region": region, "--radius": radius, "--near": near or None}
    given = [name for name, value in stated.items() if value is not None]
    if len(given) > 1:
        raise InputError(f"{' and '.join(given)}: allowed is one of {', '.join(stated)}")
    if radius is not None:
        if not 0 < radius <= FARTHEST_KM:
            raise InputError(f"--radius {radius:g}: allowed is above 0 to {FARTHEST_KM:g} km")
        return AreaChoice(kind=RADIUS, radius_km=radius)
    if region is not None:
        return AreaChoice(kind=REGION, region=region.upper())
    return AreaChoice(kind=NEAR) if near else None


def run(
    store: Store,
    facilities: Path,
    out: Path,
    *,
    country: str | None = None,
    domestic: bool = False,
    matrix: Path | None = None,
    mode: str | None = None,
    one_per_site: bool = False,
    area: AreaChoice | None = None,
) -> ReachSummary:
    """Do what the command does, on the published database; see :func:`reach_file`.

    Only settlements of the area are written, with names; beside a CSV its notes are,
    ``<name>.readme.txt``.
    """
    companion = out.with_suffix(".readme.txt")
    refuse_own_input(out, facilities, matrix)
    refuse_own_input(companion, facilities, matrix)
    nodes, _ = network_of(store)
    place = country or ""

    def complete(table: pa.Table, read: Facilities) -> pa.Table:
        nonlocal place
        if area is not None:
            chosen = study_area(store, read.sites.lon, read.sites.lat, area)
            place = chosen.words
            table = table.take(pa.array(chosen.positions))
        return named(store, table, read)

    summary = reach_file(
        facilities,
        nodes,
        lambda: network(store),
        thresholds(store),
        out,
        country=country,
        domestic=domestic,
        matrix=matrix,
        mode=mode,
        one_per_site=one_per_site,
        complete=complete,
    )
    if out.suffix.lower() == ".csv":
        facts = answer_files.reach_notes(store, facilities.name, place, summary)
        with writing(companion) as draft:
            draft.write_text(answer_files.readme(facts, answer_files.REACH), "utf-8")
    return summary
