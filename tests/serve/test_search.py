"""Places are found by any of their names and codes.

Each pair is what a person types and what she means; codes are Eurostat's and GeoNames' own.
"""

import pytest

from pipelines.core.errors import InputError
from pipelines.serve import search
from pipelines.serve.store import Store

ROME, MUNICH, LODZ, VIDIN, SIATISTA = "3169070", "2867714", "3093133", "725905", "734315"
ATHENS, SOFIA, BEBRA, ST_GALLEN, KOPENHAGEN = "264371", "727011", "2951793", "2658822", "2618425"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Rome", {("town", ROME), ("region", "ITI43")}),
        ("Munich", {("town", MUNICH), ("region", "DE212")}),
        ("münchen", {("town", MUNICH), ("region", "DE212")}),
        ("lodz", {("town", LODZ)}),
        ("vidn", {("town", VIDIN), ("region", "BG311")}),
        ("Hersfeld Rotenburg", {("region", "DE733")}),
        ("St Gallen", {("town", ST_GALLEN), ("region", "CH055")}),
        ("Siatista", {("town", SIATISTA)}),
        ("Σιάτιστα", {("town", SIATISTA)}),
        ("Αθήνα", {("town", ATHENS)}),
        ("ΑΘΗΝΑ", {("town", ATHENS)}),
        ("София", {("town", SOFIA)}),
        ("Скопје", {("town", "785842")}),
        ("Saint Etienne", {("town", "2980291")}),
        ("Ostrolecki", {("region", "PL924")}),
        ("Βόιο", {("case study", "voio")}),
        ("Kopenhagen", {("town", KOPENHAGEN)}),
        ("Bavaria", {("region", "DE2")}),
        ("de733", {("region", "DE733")}),
        # Villages of 759, and 850 people are called so; 100 000 and more live in what is meant.
        ("vogelsberg", {("region", "DE725")}),
        ("Lahn", {("region", "DE722")}),
        # A town of 30 000 is called so itself, the district of 117 000 only begins with it.
        ("Hersfeld", {("town", "2953439")}),
        # France has no people of its own here, for five regions are missing.
        ("FR", {("region", "FR")}),
        ("France", {("region", "FR")}),
        (BEBRA, {("town", BEBRA)}),
        # NUTS 2024: Utrecht was NL31, Keski-Suomi FI193, Rīga's LV006 became LV00A.
        ("NL35", {("region", "NL31")}),
        ("FI198", {("region", "FI193")}),
        ("PT191", {("region", "PT16D")}),
    ],
)
def test_what_is_typed_finds_what_is_meant(
    store: Store, text: str, meant: set[tuple[str, str]]
) -> None:
    first = [(hit.kind, hit.id) for hit in search.places(store, text)][: max(len(meant), 1)]
    assert set(first) == meant


def test_a_city_comes_before_hamlets_of_its_name(store: Store) -> None:
    hits = [hit for hit in search.places(store, "Valencia") if hit.kind == "town"]
    assert hits[0].country == "Spain"
    people = [hit.people or 0 for hit in search.places(store, "Newcastle", kind="town")]
    assert people[0] == max(people)


def test_a_village_of_a_case_study_comes_before_its_namesake(store: Store) -> None:
    hits = search.places(store, "Pentalofos")
    assert (hits[0].kind, hits[0].id) == ("case study", "pentalofos")
    assert "town" in {hit.kind for hit in hits[1:]}


def test_one_letter_wrong_is_forgiven_only_where_nothing_is_called_so(store: Store) -> None:
    # Rome is not Drôme, and DE733 not DE73.
    assert {hit.id for hit in search.places(store, "DE733")} == {"DE733"}
    assert "Paris" in {hit.name for hit in search.places(store, "Pariss")}
    assert search.places(store, "zzxq") == []


def test_each_kind_is_searched_alone(store: Store) -> None:
    assert {hit.kind for hit in search.places(store, "Bebra", kind="town")} == {"town"}
    assert search.places(store, "Rome", kind="region")[0].id == "ITI43"


@pytest.mark.parametrize("text", ["", "   ", "'", "%_\\", "\u202e", "-- drop table"])
def test_odd_texts_find_nothing_and_break_nothing(store: Store, text: str) -> None:
    assert search.places(store, text) == []


def test_a_text_without_end_is_refused(store: Store) -> None:
    with pytest.raises(InputError, match="10000 characters; allowed: at most 100"):
        search.places(store, "a" * 10_000)


def test_every_place_is_found_by_its_own_name_and_code(store: Store) -> None:
    missing = store.rows(
        """
        select geonameid from marts.towns
        where geonameid::varchar not in (
            select place_id from marts.place_names where place_kind = 'town' and is_main
        )
        union all
        select 0 from marts.regions
        where nuts_id not in (
            select place_id from marts.place_names
            where place_kind = 'region' and search_form = lower(place_id)
        )
        """
    )
    assert missing == []


def test_a_name_gives_the_code_of_the_only_place_that_it_may_mean(store: Store) -> None:
    assert search.code_of(store, "Vogelsbergkreis") == "DE725"
    assert search.code_of(store, " de733") == "DE733"
    assert search.code_of(store, BEBRA) == BEBRA
    # Nothing is guessed: one letter too many is no name.
    assert search.code_of(store, "Vogelsbergkreiss") == "Vogelsbergkreiss"
    assert search.code_of(store, "DE999") == "DE999"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Munich", ("DE212", MUNICH)),  # the city as region and as town
        ("Lauterbach", ("2879929", "2879944")),  # of Hesse, and of the Black Forest
        ("Vogelsberg", ("DE725", "2816884")),  # a village of 759, and the district
    ],
)
def test_a_name_of_several_places_is_refused_with_their_codes(
    store: Store, text: str, codes: tuple[str, ...]
) -> None:
    with pytest.raises(InputError, match=f"'{text}' may be one of several places") as error:
        search.code_of(store, text)
    assert all(f"{code} " in str(error.value) for code in codes)
