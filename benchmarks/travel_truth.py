"""How far the estimated minutes are from a routing engine's, and the fit of the constants.

Run: ``python -m benchmarks.travel_truth [--fit N]`` from the repository's root. Wants
``../shared/data/osrm`` (car times of OSRM on OpenStreetMap) and, for the full layer,
``../shared/data/natural_earth``.

The files at hand hold the communes with odd codes; those with even codes are kept for
checking elsewhere. The odd ones are split again: a commune whose code halved is even
belongs to the part that the constants were fitted to, the other part is reported apart.
Of Isère's trips only those between two communes of one part count for it.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse.csgraph import dijkstra
from scipy.stats import spearmanr

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from pipelines.core import paths, registry  # noqa: E402
from pipelines.geo.sphere import arc_km, to_sphere  # noqa: E402
from pipelines.sources.natural_earth import read_roads  # noqa: E402
from pipelines.travel import TravelConstants, embedded  # noqa: E402
from pipelines.travel.ends import trip_minutes  # noqa: E402
from pipelines.travel.land import Land  # noqa: E402
from pipelines.travel.network import Network  # noqa: E402
from pipelines.travel.remoteness import to_nodes  # noqa: E402
from pipelines.travel.roads import node_roads, on_known_land  # noqa: E402
from pipelines.travel.settlements import Settlements  # noqa: E402
from pipelines.travel.speeds import link_minutes  # noqa: E402
from pipelines.travel.ways import PARTS, derive_ways, way_minutes  # noqa: E402

SHARED = ROOT.parent / "shared" / "data"
TRIP = (6.0, 100.0)  # minutes of the trips in Isère that count
DRAWS, POLES = 4000, 6
REVIEW_DRAWS, GROUPS = 60, 21  # draws of one published figure; groups of communes of the jackknife
OFF_KM = 10.0  # a place further from its commune's middle than this bears a wrong code
FITTED = (
    "link_min",
    "speed_local_kmh",
    "climb_min_per_100m",
    "terminal_min",
    "terminal_min_per_tenfold",
    "speed_major_kmh",
    "speed_secondary_kmh",
    "speed_road_kmh",
    "connector_speed_kmh",
    "connector_climb_min_per_100m",
)
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Truth:
    """Settlements (positions in the network) and a routing engine's minutes between them."""

    places: NDArray[np.int64]
    minutes: Floats  # of Isère's trips, shape (n, n)
    part: NDArray[np.int64]  # 0 fitted to, 1 left out
    to_paris: NDArray[np.int64]
    paris_minutes: Floats
    paris_part: NDArray[np.int64]
    paris: int
    left_out: tuple[str, ...]

    @classmethod
    def read(cls, table: pa.Table) -> Truth:
        """Match the communes to their largest settlements by code."""
        paris = pd.read_parquet(SHARED / "osrm" / "communes_to_paris_car_seconds.parquet")
        paris.index = paris["id"].str.removeprefix("FR_")
        place, left_out = commune_places(table, paris)
        isere = pd.read_parquet(SHARED / "osrm" / "isere_car_seconds.parquet")
        codes = sorted({*isere["origin_insee"], *isere["destination_insee"]} & {*place.index})
        square = isere.pivot(index="origin_insee", columns="destination_insee", values="seconds")
        square = square.reindex(index=codes, columns=codes)
        # Paris itself has the centre's code; a trip within it is none.
        far = paris[paris.index.isin(place.index) & (paris["duration"] >= 60 * TRIP[0])]
        names = table["name"].to_pylist()
        people = table["population"].to_pylist()
        named = enumerate(zip(names, people, strict=True))
        capital = max((p or 0, i) for i, (n, p) in named if n == "Paris")[1]
        return cls(
            place.loc[codes].to_numpy(),
            square.to_numpy() / 60,
            parts(codes),
            place.loc[far.index].to_numpy(),
            far["duration"].to_numpy() / 60,
            parts(far.index),
            capital,
            left_out,
        )


def parts(codes: object) -> NDArray[np.int64]:
    """Which part each commune belongs to."""
    return np.array([int(str(c)[2:]) // 2 % 2 for c in codes])  # type: ignore[attr-defined]


def commune_places(table: pa.Table, middles: pd.DataFrame) -> tuple[pd.Series, tuple[str, ...]]:
    """Largest settlement of each French commune, but for those far from its middle."""
    raw = pq.read_table(
        paths.embedded_dir() / "geonames_cities500.parquet",
        columns=["geonameid", "country_code", "admin4_code"],
    ).to_pandas()
    raw = raw[(raw["country_code"] == "FR") & raw["admin4_code"].notna()]
    frame = table.select(["geonameid", "population", "lon", "lat", "name"]).to_pandas()
    frame["place"] = np.arange(len(frame))
    both = raw.merge(frame, on="geonameid").sort_values("population")
    both = both.drop_duplicates("admin4_code", keep="last").set_index("admin4_code")
    both = both.join(middles[["lon", "lat"]].add_prefix("middle_"))
    ends = np.concatenate(
        [
            to_sphere(both[a].to_numpy(), both[b].to_numpy())
            for a, b in (("lon", "lat"), ("middle_lon", "middle_lat"))
        ]
    )
    n = len(both)
    off = arc_km(ends, np.arange(n), np.arange(n) + n) > OFF_KM
    names = tuple(f"{code} {name}" for code, name in both.loc[off, "name"].items())
    return both.loc[~off, "place"].astype(np.int64), names


@dataclass(frozen=True)
class Poles:
    """Share of communes whose nearest of six random communes is the same by both.

    Attributes
    ----------
    share : float
        Mean of :data:`DRAWS` draws of six, each over all communes.
    error : float
        Its standard error over communes, by a jackknife of groups.
    error_of_draws : float
        Standard error of the mean of only 60 draws: what one seed may be off by.
    by_margin : list of (float, float)
        Of cases whose two nearest differ by less than 2, 5, 10 minutes and by more in
        truth: how many there are, and in how many of them the nearest is the same.
    rho : float
        Spearman's coefficient of the minutes to the nearest.
    """

    share: float
    error: float
    error_of_draws: float
    by_margin: list[tuple[float, float]]
    rho: float


@dataclass(frozen=True)
class Estimate:
    """Minutes of a model for the trips of a truth."""

    isere: Floats
    paris: Floats

    @classmethod
    def of(cls, graph: object, truth: Truth, people: Floats, c: TravelConstants) -> Estimate:
        """Search from all places of Isère, and from Paris."""
        at = truth.places
        ways = dijkstra(graph, indices=at, limit=200.0)[:, at]
        isere = trip_minutes(ways, people[at][:, None], people[at][None, :], c)
        ways = dijkstra(graph, indices=truth.paris)[truth.to_paris]
        paris = trip_minutes(ways, people[truth.to_paris], people[truth.paris], c)
        return cls(isere, paris)

    def errors(self, truth: Truth, part: int | None) -> tuple[Floats, Floats]:
        """Logarithm of estimate over truth, of Isère's and of Paris's trips."""
        mine = (truth.part == part) if part is not None else np.full(len(truth.part), True)
        use = np.isfinite(truth.minutes) & np.isfinite(self.isere)
        use &= mine[:, None] & mine & ~np.eye(len(mine), dtype=bool)
        use &= (truth.minutes >= TRIP[0]) & (truth.minutes <= TRIP[1])
        far = np.isfinite(self.paris) & ((truth.paris_part == part) | (part is None))
        return (
            np.log(self.isere[use] / truth.minutes[use]),
            np.log(self.paris[far] / truth.paris_minutes[far]),
        )

    def poles(self, truth: Truth, part: int | None) -> Poles:
        """Compare the nearest of six random poles with the truth's."""
        mine = np.flatnonzero((truth.part == part) | (part is None))
        known = truth.minutes[mine][:, mine].copy()
        ours = self.isere[mine][:, mine].copy()
        known[~np.isfinite(known)] = np.inf
        np.fill_diagonal(known, 0.0)
        np.fill_diagonal(ours, 0.0)
        random, n = np.random.default_rng(7), len(mine)
        pole = np.array([random.choice(n, POLES, replace=False) for _ in range(DRAWS)])
        same = known[:, pole].argmin(2) == ours[:, pole].argmin(2)
        first, second = np.sort(known[:, pole], axis=2)[:, :, :2].transpose(2, 0, 1)
        group = random.permutation(n) % GROUPS
        # A commune left out is left out as an origin and as a pole.
        without = [
            same[np.ix_(group != g, (group[pole] != g).all(axis=1))].mean() for g in range(GROUPS)
        ]
        rho = [spearmanr(known[:, p].min(1), ours[:, p].min(1))[0] for p in pole[:REVIEW_DRAWS]]
        return Poles(
            share=float(same.mean()),
            error=float(np.std(without) * np.sqrt(GROUPS - 1)),
            error_of_draws=float(same.mean(axis=0).std() / np.sqrt(REVIEW_DRAWS)),
            by_margin=[
                (float(near.mean()), float(same[near].mean()))
                for near in (
                    (second - first < 2),
                    (second - first >= 2) & (second - first < 5),
                    (second - first >= 5) & (second - first < 10),
                    (second - first >= 10),
                )
            ],
            rho=float(np.mean(rho)),
        )


def report(name: str, estimate: Estimate, truth: Truth) -> None:
    """Print one row of the table."""
    cells = []
    for part in (0, 1, None):
        for error in estimate.errors(truth, part):
            cells.append(f"{error.std():6.1%} ({np.exp(error.mean()) - 1:+5.1%})")
    print(f"{name:<34}" + "  ".join(cells), flush=True)
    for part, words in ((0, "fitted"), (1, "left out"), (None, "all")):
        poles = estimate.poles(truth, part)
        margins = ", ".join(f"{same:.3f} of {share:.0%}" for share, same in poles.by_margin)
        print(
            f"    same pole, {words:<9} {poles.share:.3f} +- {poles.error:.3f} (60 draws +- "
            f"{poles.error_of_draws:.3f}), rho {poles.rho:.3f}; by margin below 2, 5, 10, "
            f"above: {margins}",
            flush=True,
        )


def by_distance(estimate: Estimate, truth: Truth, nodes: Settlements) -> None:
    """Print Isère's error of the part left out by minutes and by terrain."""
    mine = truth.part == 1
    use = mine[:, None] & mine & ~np.eye(len(mine), dtype=bool) & np.isfinite(truth.minutes)
    error = np.log(estimate.isere / truth.minutes)
    for low, high in ((6, 15), (15, 30), (30, 60), (60, 100)):
        some = error[use & (truth.minutes >= low) & (truth.minutes < high)]
        print(
            f"  {low:>3}-{high:<3} minutes  {len(some):>6} trips  {some.std():6.1%}  "
            f"{np.exp(some.mean()) - 1:+.1%}"
        )
    height = np.maximum.outer(nodes.elevation_m[truth.places], nodes.elevation_m[truth.places])
    use &= (truth.minutes >= TRIP[0]) & (truth.minutes <= TRIP[1])
    for low, high in ((0, 300), (300, 500), (500, 800), (800, 2000)):
        some = error[use & (height >= low) & (height < high)]
        print(
            f"  higher end at {low}-{high} m  {len(some):>6} trips  {some.std():6.1%}  "
            f"{np.exp(some.mean()) - 1:+.1%}"
        )


def full_ways(nodes: Settlements, land: Land, c: TravelConstants) -> pa.Table:
    """Derive the ways from the fetched roads, as a build does."""
    source = registry.read_registry()["natural_earth_roads"]
    barriers = embedded.seeds().barriers
    lines = read_roads(registry.path_in(source, SHARED), source)
    layer = on_known_land(node_roads(lines, c), land, barriers, c)
    return derive_ways(nodes, layer, land, barriers, c, small_places=True)


class Fit:
    """The constants as a vector, and the model around France as a function of it."""

    def __init__(self, network: Network, ways: pa.Table, truth: Truth, c: TravelConstants) -> None:
        """Take out the part of the network around France."""
        from pipelines.travel.crossings import MAIN_ROAD, ROAD

        nodes = network.settlements
        self.truth, self.c, self.nodes = truth, c, nodes
        near = (np.abs(nodes.lon - 2.5) < 8.5) & (nodes.lat > 41) & (nodes.lat < 52.5)
        links = network.links
        self.other = links.take(
            np.flatnonzero((links.kind != ROAD) & (links.kind != MAIN_ROAD) & near[links.a])
        )
        order = np.argsort(nodes.geonameid)
        a, b = (
            order[np.searchsorted(nodes.geonameid[order], ways[n].to_numpy())]
            for n in ("from_id", "to_id")
        )
        use = near[a] & near[b]
        self.ways = {n: ways[n].to_numpy().astype(float)[use] for n in PARTS}
        self.way_ends = a[use], b[use]
        from pipelines.geo.projection import to_plane
        from pipelines.travel.proximity import delaunay

        inside = np.flatnonzero(near)
        pairs = inside[delaunay(to_plane(nodes.lon[inside], nodes.lat[inside]))]
        km = arc_km(nodes.xyz, pairs[:, 0], pairs[:, 1])
        pairs = pairs[km < 60]
        self.local = pairs, km[km < 60]
        self.rise = nodes.elevation_m[pairs[:, 0]] - nodes.elevation_m[pairs[:, 1]]

    def constants(self, x: Floats) -> TravelConstants:
        """Constants at a point; the classes of road keep their order."""
        values = {n: getattr(self.c, n) * float(np.exp(v)) for n, v in zip(FITTED, x, strict=True)}
        values["speed_secondary_kmh"] = min(
            values["speed_secondary_kmh"], values["speed_major_kmh"]
        )
        values["speed_road_kmh"] = min(values["speed_road_kmh"], values["speed_secondary_kmh"])
        return dataclasses.replace(self.c, **values)

    def estimate(self, c: TravelConstants) -> Estimate:
        """Minutes under some constants."""
        from pipelines.travel.crossings import Links

        pairs, km = self.local
        kind = np.zeros(0, dtype=np.int8)
        links = Links.join(
            [
                Links(*pairs.T, link_minutes(km, np.nan_to_num(self.rise), c), kind),
                Links(*self.way_ends, way_minutes(self.ways, c), kind),
                self.other,
            ]
        )
        links = dataclasses.replace(links, kind=np.zeros(len(links), dtype=np.int8))
        graph = Network.from_links(self.nodes, links).graph
        return Estimate.of(graph, self.truth, self.nodes.road_population, c)

    def loss(self, x: Floats) -> float:
        """Errors and biases of the fitted part only."""
        isere, paris = self.estimate(self.constants(x)).errors(self.truth, 0)
        spread = (isere.std() / 0.15) ** 2 + 0.7 * (paris.std() / 0.07) ** 2
        bias = (isere.mean() ** 2 + paris.mean() ** 2) / 0.15**2
        return float(spread + bias + 0.05 * np.square(x).sum())


def fit(network: Network, ways: pa.Table, truth: Truth, c: TravelConstants, rounds: int) -> None:
    """Print constants fitted to one part of the communes."""
    problem = Fit(network, ways, truth, c)
    start = np.zeros(len(FITTED))
    simplex = np.vstack([start, 0.12 * np.eye(len(FITTED))])
    best = minimize(
        problem.loss,
        start,
        method="Nelder-Mead",
        options={"maxfev": rounds, "initial_simplex": simplex},
    )
    constants = problem.constants(best.x)
    print(f"loss {problem.loss(start):.3f} -> {best.fun:.3f}")
    for name in FITTED:
        print(f"  travel_{name},{getattr(constants, name):.3g}")
    report("fitted", problem.estimate(constants), truth)


def italy_and_germany(network: Network, table: pa.Table, c: TravelConstants) -> None:
    """Print published aggregates that no constant was fitted to."""
    nodes = network.settlements
    people = np.nan_to_num(nodes.population, nan=0.0)

    def minutes(targets: NDArray[np.int64]) -> Floats:
        return to_nodes(network, targets, c)[0]

    italy, germany = nodes.country == "IT", nodes.country == "DE"
    rows = embedded.thresholds()
    pole = people >= rows["remoteness_snai_pole_population"]
    times = minutes(np.flatnonzero(italy & pole))
    for q, published in ((50, 27.7), (75, 40.9), (95, 66.9)):
        value = np.percentile(times[italy & ~pole], q)
        off = value / published - 1
        print(f"Italy, quantile {q}: {value:.1f}, published {published} ({off:+.1%})")
    times = minutes(np.flatnonzero(people >= rows["access_middle_population"]))
    for limit, published in ((15, "about 90"), (20, "97"), (30, "more than 99")):
        share = people[germany & (times <= limit)].sum() / people[germany].sum()
        print(f"Germany, people within {limit} minutes: {share:.1%}, published {published} %")


def main() -> None:
    """Print the table of models, or fit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fit", type=int, default=0, metavar="N", help="evaluations of a fit")
    arguments = parser.parse_args()
    c = TravelConstants.from_thresholds(embedded.thresholds())
    table = embedded.settlements()
    truth = Truth.read(table)
    network = embedded.network(table)
    nodes = network.settlements
    if arguments.fit:
        fit(network, embedded.ways(), truth, c, arguments.fit)
        return
    print(
        f"{len(truth.places)} communes of Isère, {len(truth.to_paris)} to Paris; at a place of "
        f"another commune: {', '.join(truth.left_out)}"
    )
    print(f"{'error (bias)':<34}fitted part: Isère, Paris; part left out: Isère, Paris; all")
    at = truth.places
    straight = np.linalg.norm(nodes.xyz[at][:, None] - nodes.xyz[at], axis=2)
    far = np.linalg.norm(nodes.xyz[truth.to_paris] - nodes.xyz[truth.paris], axis=1)
    report("straight line at 60 km/h", Estimate(straight, far), truth)
    bare = embedded.network(table, embedded.ways().slice(0, 0))
    report("settlements alone", Estimate.of(bare.graph, truth, nodes.road_population, c), truth)
    default = Estimate.of(network.graph, truth, nodes.road_population, c)
    report("embedded ways (default)", default, truth)
    if (SHARED / "natural_earth").is_dir():
        land = embedded.land(nodes, c)
        full = embedded.network(table, full_ways(nodes, land, c), land)
        by_roads = Estimate.of(full.graph, truth, nodes.road_population, c)
        report("ways of the fetched roads", by_roads, truth)
    by_distance(default, truth, nodes)
    italy_and_germany(network, table, c)


if __name__ == "__main__":
    main()
