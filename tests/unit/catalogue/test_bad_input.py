"""Each kind of bad input gives its finding, with file, row and field."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.catalogue.load import check, load
from pipelines.core.errors import CheckFailed, SchemaDrift, SourceMissing, SourceUnreadable
from pipelines.io.guard import is_formula
from pipelines.io.sheets import QuotingError, parse
from tests.where import ROOT

SETTLEMENTS = ROOT / "tests" / "fixtures" / "catalogue_settlements.csv"


@pytest.fixture(scope="module")
def settlements() -> pa.Table:
    return pyarrow.csv.read_csv(SETTLEMENTS)


@pytest.fixture
def folder(tmp_path) -> Path:
    copy = tmp_path / "catalogue"
    shutil.copytree(ROOT / "geodata" / "catalogue", copy)
    return copy


def edit(path: Path, row: int, **cells: str) -> None:
    """Write cells into a row, numbered as a spreadsheet does."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    for field, text in cells.items():
        rows[row - 1][rows[0].index(field)] = text
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)


def row_of(path: Path, identity: str) -> int:
    with path.open(encoding="utf-8", newline="") as stream:
        return next(n for n, row in enumerate(csv.reader(stream), 1) if row[0] == identity)


def the_finding(folder, file, row, field, problem, settlements=None):
    """Return the finding of that place, and make sure that it is the only kind there."""
    findings = check(folder, settlements)
    hits = [f for f in findings if (f.file, f.row, f.field) == (file, row, field)]
    assert hits, [str(f) for f in findings]
    assert any(problem in f.problem for f in hits), [str(f) for f in hits]
    return next(f for f in hits if problem in f.problem)


PLACES = "social_places.csv"


@pytest.mark.parametrize(
    ("field", "text", "problem", "allowed"),
    [
        ("document", "", "source is missing", "Document"),
        ("section", "", "source is missing", "Section"),
        ("type", "pubs", "unknown type", "cafe_pub"),
        ("kind", "thing", "unknown kind", "programme"),
        ("level", "micro;mezzo", "unknown value in a list", "meso"),
        ("level", "micro;micro", "value stands twice", "once"),
        ("level", "micro;", "empty value in a list", ";"),
        ("public", "maybe", "unknown public", "partly"),
        ("name", "", "cell is empty", "Name"),
        ("name", "=HYPERLINK(1)", "formula", "letter"),
        ("name", "+1", "formula", "letter"),
        ("name", "-cmd", "formula", "letter"),
        ("name", "@SUM(A1)", "formula", "letter"),
        ("name", "\tx", "formula", "letter"),
        ("name", "\rx", "formula", "letter"),
        ("name", "  =1+1", "formula", "letter"),
        ("name", "＝1", "formula", "letter"),
        ("name", "＋1", "formula", "letter"),
        ("name", "－1", "formula", "letter"),
        ("name", "＠x", "formula", "letter"),
        ("description", "a <script>alert(1)</script>", "script or HTML", "plain text"),
        ("description", "a <b>bold</b> word", "script or HTML", "plain text"),
        ("description", "&lt;script&gt;", "script or HTML", "plain text"),
        ("description", "see javascript:alert(1)", "script or HTML", "plain text"),
        ("description", "x onerror=alert(1)", "script or HTML", "plain text"),
        ("description", "left\u202eright", "control", "plain text"),
        ("description", "bell\x07", "control", "plain text"),
        ("country", "GR", "unknown country", "Eurostat's code of Greece is EL"),
        ("country", "GB", "unknown country", "Eurostat's code of the United Kingdom is UK"),
        ("nuts3", "DE7", "wrong form", "five"),
        ("nuts3", "DE733", "region of another country", "EL"),
        ("geonameid", "12.5", "whole number", "digits"),
        ("lon", "21,14", "not a number", "decimal point"),
        ("lon", "210", "outside Europe", "degrees"),
        ("lat", "", "", "needed where"),
        ("year", "2024", "not the document's year", "2023"),
        ("year", "MMXX", "whole number", "digits"),
        ("section", "compas:s9", "section of another document", "piste"),
        ("section", "piste:tab9", "unknown reference", "document_sections.csv"),
        ("also_sections", "compas:s9", "section of another document", "piste"),
        ("also_sections", "piste:exp-voio-start", "section stands twice", "besides"),
        ("also_sections", "piste:tab9", "unknown reference", "document_sections.csv"),
        ("social_capital", "linking", "not paired with the level", "bonding"),
        ("document", "nature", "unknown reference", "documents.csv"),
        ("case_study", "atlantis", "unknown reference", "case_studies.csv"),
        ("coordinate_exactness", "none", "exactness is not stated", "town"),
        ("id", "Two Words", "wrong form", "small letters"),
    ],
)
def test_a_bad_cell_is_named(folder, field, text, problem, allowed):
    row = row_of(folder / PLACES, "pentalofos-shelter")
    edit(folder / PLACES, row, **{field: text})
    finding = the_finding(folder, PLACES, row, field, problem)
    assert allowed in finding.allowed
    assert f"{PLACES}, row {row}, field {field}" in str(finding)


@pytest.mark.parametrize("scope", ["region", "country", "europe"])
def test_a_body_that_reaches_beyond_a_town_has_no_point(folder, scope):
    row = row_of(folder / PLACES, "habbekrats")
    edit(folder / PLACES, row, scope=scope)
    finding = the_finding(folder, PLACES, row, "coordinate_exactness", "point of a body")
    assert scope in finding.problem
    assert finding.allowed == "none"


def test_an_office_is_of_the_macro_level(folder):
    row = row_of(folder / PLACES, "pentalofos-shelter")
    edit(folder / PLACES, row, type="office")
    finding = the_finding(folder, PLACES, row, "level", "level of type office")
    assert finding.allowed.startswith("macro")


def first_row(path: Path, **cells: str) -> int:
    """Return the number of the first row with these cells."""
    with path.open(encoding="utf-8", newline="") as stream:
        for number, row in enumerate(csv.DictReader(stream), 2):
            if all(row[field] == text for field, text in cells.items()):
                return number
    raise LookupError(cells)


@pytest.mark.parametrize(
    ("cells", "field", "problem", "allowed"),
    [
        ({"answer": "perhaps"}, "answer", "unknown answer", "long_lasting"),
        ({"condition": "size", "answer": "city"}, "condition", "data answers", "the user"),
        ({"condition": "weather"}, "condition", "unknown reference", "conditions.csv"),
        ({"case_study": "atlantis"}, "case_study", "unknown reference", "case_studies.csv"),
        ({"section": ""}, "section", "source is missing", "Section"),
        ({"stated_by": "nobody"}, "stated_by", "unknown stated_by", "ours"),
    ],
)
def test_a_bad_answer_of_a_case(folder, cells, field, problem, allowed):
    path = folder / "case_conditions.csv"
    row = first_row(path, case_study="bebra", condition="migration_history")
    edit(path, row, **cells)
    finding = the_finding(folder, path.name, row, field, problem)
    assert allowed in finding.allowed


def test_a_condition_answered_twice_for_a_case(folder):
    path = folder / "case_conditions.csv"
    row = first_row(path, case_study="bebra", condition="settlement_form")
    edit(path, row, condition="migration_history", answer="new")
    the_finding(folder, path.name, row, "case_study + condition", "duplicate")


@pytest.mark.parametrize(
    ("cells", "field", "problem"),
    [
        ({"if_yes": "many"}, "if_yes", "unknown answer"),
        ({"if_no": "few"}, "if_no", "unknown answer"),
        ({"if_yes": "", "if_no": ""}, "if_yes", "settles nothing"),
    ],
)
def test_a_bad_question_of_the_self_assessment(folder, cells, field, problem):
    path = folder / "self_assessment.csv"
    row = row_of(path, "q1")
    edit(path, row, **cells)
    the_finding(folder, path.name, row, field, problem)


def test_a_section_is_cited_or_says_why_not(folder):
    path = folder / "document_sections.csv"
    row = row_of(path, "compas:s3")
    edit(path, row, uncited="")
    finding = the_finding(folder, path.name, row, "uncited", "no row cites this section")
    assert finding.found == "compas:s3"
    edit(path, row, uncited="parent_only")
    row = row_of(path, "compas:s3-torino")
    edit(path, row, uncited="repeats")
    the_finding(folder, path.name, row, "uncited", "a row cites this section")


def test_a_figure_is_of_a_case_or_says_of_what(folder):
    path = folder / "case_study_figures.csv"
    row = first_row(path, case_study="", printed="n=57")
    edit(path, row, subject="")
    finding = the_finding(folder, path.name, row, "subject", "cell is empty")
    assert finding.allowed == "needed where case_study is empty"


def test_an_unbracketed_comparison_is_no_markup(folder):
    row = row_of(folder / PLACES, "kermez")
    edit(folder / PLACES, row, description="Fewer than 5 < 6 people, and 3 > 2.")
    assert check(folder) == []


def test_a_duplicate_key_names_the_first_row(folder):
    row, first = row_of(folder / PLACES, "kermez"), row_of(folder / PLACES, "kras")
    edit(folder / PLACES, max(row, first), id="kermez")
    finding = the_finding(folder, PLACES, max(row, first), "id", "duplicate")
    assert str(min(row, first)) in finding.allowed


def test_a_duplicate_place_is_found_whatever_its_accents(folder):
    source, copy = (
        row_of(folder / PLACES, "habbekrats"),
        row_of(folder / PLACES, "ninove-policy-office"),
    )
    edit(folder / PLACES, copy, name="  HABBÉKRATS".strip())
    late = max(source, copy)
    the_finding(folder, PLACES, late, "name + town + country", "duplicate")


def test_a_place_outside_its_country(folder, settlements):
    row = row_of(folder / PLACES, "kermez")
    # Strasbourg, said to be in Germany by a row that lies 8 km from Kehl would pass the
    # margin; Lille is far from any German settlement.
    edit(folder / PLACES, row, lon="3.06", lat="50.63")
    finding = the_finding(folder, PLACES, row, "country", "outside its stated country", settlements)
    assert "FR" in finding.found
    assert "DE" in finding.allowed


def test_a_point_far_from_its_town(folder, settlements):
    row = row_of(folder / PLACES, "kermez")
    edit(folder / PLACES, row, lat="50.29745")
    the_finding(folder, PLACES, row, "lon", "point far from its town", settlements)


def test_a_town_name_that_matches_several_settlements(folder, settlements):
    file = "case_studies.csv"
    row = row_of(folder / file, "gabrovo")
    edit(folder / file, row, geonameid="")
    finding = the_finding(folder, file, row, "geonameid", "matches 2 settlements", settlements)
    assert "731549" in finding.allowed
    assert "731551" in finding.allowed


def test_a_town_name_with_one_settlement_asks_for_its_id(folder, settlements):
    file = "case_studies.csv"
    row = row_of(folder / file, "bebra")
    edit(folder / file, row, geonameid="")
    finding = the_finding(folder, file, row, "geonameid", "cell is empty", settlements)
    assert "settlement_link" in finding.allowed or "2951793" in finding.allowed


def test_a_settlement_of_another_country_or_none(folder, settlements):
    row = row_of(folder / PLACES, "kermez")
    edit(folder / PLACES, row, geonameid="2790114")
    finding = the_finding(folder, PLACES, row, "geonameid", "another country", settlements)
    assert "Ninove, BE" in finding.found
    edit(folder / PLACES, row, geonameid="1")
    the_finding(folder, PLACES, row, "geonameid", "unknown settlement", settlements)


def test_an_unlisted_town_needs_a_note(folder):
    row = row_of(folder / PLACES, "pentalofos-shelter")
    edit(folder / PLACES, row, note="")
    the_finding(folder, PLACES, row, "note", "cell is empty")


@pytest.mark.parametrize(
    ("line", "row", "problem"),
    [
        ('a,"open', 2, "never closes"),
        ('a,"x"y', 2, "behind a closing quote"),
        ('a,x"y', 2, "inside a plain field"),
    ],
)
def test_broken_quoting(folder, line, row, problem):
    path = folder / "osm_tags.csv"
    header = path.read_text(encoding="utf-8").splitlines()[0]
    path.write_text(f"{header}\n{line}\n", encoding="utf-8")
    finding = the_finding(folder, "osm_tags.csv", row, "key", problem)
    assert finding.problem.startswith("broken CSV quoting")


def test_a_quote_broken_behind_a_cell_of_two_lines_names_the_spreadsheet_row(folder):
    path = folder / "osm_tags.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([lines[0], lines[1] + '"', *lines[2:]]) + "\n", encoding="utf-8")
    lines[1] = '10,amenity,"two\nlines",library,open,,'
    lines[2] = '20,amenity,li"brary,library,open,,'
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    the_finding(folder, "osm_tags.csv", 3, "value", "inside a plain field")


@pytest.mark.parametrize(("change", "found"), [(",extra", "8"), (None, "6")])
def test_wrong_number_of_fields(folder, change, found):
    path = folder / "osm_tags.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[4] = lines[4] + change if change else lines[4].rsplit(",", 1)[0]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    finding = the_finding(folder, "osm_tags.csv", 5, "", "wrong number of fields")
    assert finding.found == found
    assert finding.allowed.startswith("7")


def test_an_empty_row_and_a_missing_file(folder):
    path = folder / "osm_tags.csv"
    path.write_text(path.read_text(encoding="utf-8") + ",,,,,,\n", encoding="utf-8")
    last = len(path.read_text(encoding="utf-8").splitlines())
    the_finding(folder, "osm_tags.csv", last, "", "empty row")
    path.unlink()
    the_finding(folder, "osm_tags.csv", 0, "", "file is missing")


def test_bad_encoding_names_the_row(folder):
    path = folder / PLACES
    row = row_of(path, "babbelonie")
    path.write_bytes(
        path.read_bytes().replace("Babbelonië,".encode(), "Babbelonië,".encode("latin-1"), 1)
    )
    finding = the_finding(folder, PLACES, row, "", "not UTF-8")
    assert "UTF-8" in finding.allowed


def test_a_byte_order_mark_and_crlf_are_fine(folder):
    path = folder / PLACES
    text = path.read_text(encoding="utf-8").replace("\n", "\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert check(folder) == []


@pytest.mark.parametrize(
    ("header", "field", "problem"),
    [
        ("priority;key;value;type;entry;only_with;note", "", "not separated by commas"),
        ("priority,key,value,type,entry,only_with", "note", "column is missing"),
        ("priority,key,value,type,entry,only_with,note,colour", "colour", "unknown column"),
        ("priority,key,key,value,type,entry,only_with,note", "key", "stands twice"),
    ],
)
def test_a_bad_header(folder, header, field, problem):
    (folder / "osm_tags.csv").write_text(header + "\n", encoding="utf-8")
    the_finding(folder, "osm_tags.csv", 1, field, problem)


@pytest.mark.parametrize(
    ("cells", "field", "problem"),
    [
        ({"value": "tiny"}, "value", "unknown value of the condition"),
        ({"operator": "at_least"}, "operator", "does not fit a choice"),
        ({"answered_by": "user"}, "answered_by", "differs from the condition's"),
        ({"condition": "weather"}, "condition", "unknown reference"),
        ({"practice": "magic"}, "practice", "unknown reference"),
    ],
)
def test_a_bad_practice_condition(folder, cells, field, problem):
    file = "practice_conditions.csv"
    with (folder / file).open(encoding="utf-8", newline="") as stream:
        row = next(n for n, r in enumerate(csv.reader(stream), 1) if r[1:3] == ["size", "any_of"])
    edit(folder / file, row, **cells)
    the_finding(folder, file, row, field, problem)


def test_a_practice_without_condition(folder):
    file = "practice_conditions.csv"
    lines = (folder / file).read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("voice-lists,")]
    assert len(kept) < len(lines)
    (folder / file).write_text("\n".join(kept) + "\n", encoding="utf-8")
    row = row_of(folder / "practices.csv", "voice-lists")
    the_finding(folder, "practices.csv", row, "id", "practice without condition")


def test_load_lists_every_finding_at_once(folder):
    edit(folder / PLACES, 2, type="pubs", name="=1")
    edit(folder / "practices.csv", 3, cost_level="cheap")
    with pytest.raises(CheckFailed) as caught:
        load(folder)
    message = str(caught.value)
    assert "in 3 places" in message
    for part in ("social_places.csv, row 2, field type", "field name", "practices.csv, row 3"):
        assert part in message


def test_the_schema_itself_is_checked(folder):
    path = folder / "schema.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('list = "cost_level"', 'list = "price"'), encoding="utf-8")
    with pytest.raises(SourceUnreadable, match="unknown list 'price'"):
        check(folder)
    path.write_text(text.replace('type = "geonameid"', 'type = "gnid"', 1), encoding="utf-8")
    with pytest.raises(SourceUnreadable, match="unknown type 'gnid'"):
        check(folder)
    path.write_text("not toml", encoding="utf-8")
    with pytest.raises(SourceUnreadable, match="not a catalogue schema"):
        check(folder)
    path.unlink()
    with pytest.raises(SourceMissing):
        check(folder)


def test_a_settlements_table_without_columns(folder, settlements):
    with pytest.raises(SchemaDrift, match="lon"):
        check(folder, settlements.drop_columns(["lon"]))


fields = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=12)


@settings(deadline=None)
@given(st.lists(st.lists(fields, min_size=2, max_size=4), min_size=1, max_size=5))
def test_parsing_gives_back_what_was_written(rows):
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    assert list(parse(stream.getvalue())) == list(enumerate(rows, 1))


@settings(deadline=None)
@given(st.text(max_size=30))
def test_parsing_any_text_ends_or_names_a_row(text):
    numbers, failed_at = [], None
    try:
        for number, _ in parse(text):
            numbers.append(number)
    except QuotingError as error:
        failed_at = error.row
    assert numbers == list(range(1, len(numbers) + 1))
    assert failed_at in (None, len(numbers) + 1)


@settings(deadline=None)
@given(st.sampled_from("=+-@\t\r\n\0＝＋－＠"), st.text(max_size=5), st.integers(0, 3))
def test_formula_starts_are_seen_behind_blanks(first, rest, blanks):
    assert is_formula(" " * blanks + first + rest)
