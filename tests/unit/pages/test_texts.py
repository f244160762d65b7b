"""Every visible text has its key in one catalogue; a language is one file."""

from __future__ import annotations

import ast
import importlib.util
import re
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages._ui.texts import ECHO_MOST, N_, _, echo, ngettext, plain, said
from pipelines.core.errors import InputError
from pipelines.serve import texts
from pipelines.serve.filters import FIELDS, PlaceFilter, RegionFilter, SmstFilter, TownFilter
from pipelines.serve.shrinking_filter import ShrinkingFilter
from pipelines.serve.texts import read_po
from tests.where import ROOT

PAGES = sorted([ROOT / "app.py", *(ROOT / "pages").rglob("*.py")])
# The words of these are no visitor's of the pages: the command line's, a server's answers to
# programs, and the notes in a file, which are English as its columns are.
NOT_OF_PAGES = {
    "export.py",
    # Files that are made for one visitor when asked for; their notes are English.
    "answer_files.py",
    "whatif_files.py",
    "dcat.py",
    "export_notes.py",
    "labelled.py",
    "landing.py",
    "geopackage.py",
    "map_layers.py",
    "qgis.py",
    "qgis_layout.py",
    "styles.py",
    "shield.py",
    "status.py",
    "site.py",
    "web.py",
    # For programs, or in English as errors are: addresses, code, citations, a query's faults.
    "address_query.py",
    "api.py",
    "base.py",
    "cells.py",
    "citation.py",
    "openapi.py",
    "own_origins.py",
    "place_remarks.py",
    "selection.py",
    "snippets.py",
    "sql_box.py",
    "sql_worker.py",
}
SERVED = sorted(
    path for path in (ROOT / "pipelines" / "serve").rglob("*.py") if path.name not in NOT_OF_PAGES
)
COLUMNS = re.compile(r"[a-z_0-9]*( desc| nulls last)?(, [a-z_0-9]+( desc| nulls last)?)*")
ERRORS = ("InputError", "MartUnavailable", "UnknownTable", "ValueError")
SQL = re.compile(r"\b(select|from|where|join|union|case|limit|order by|group by|having)\b|^ *with ")
# Arguments of widgets that a visitor reads, by keyword; the first positional one too.
SPOKEN = {"label", "help", "placeholder", "alt", "title", "body", "page_title"}
DRAWN = (
    "button caption checkbox download_button error expander file_uploader header info markdown "
    "metric multiselect number_input radio segmented_control select select_slider selectbox slider "
    "spinner subheader success tabs text text_input title toggle warning write"
)
LOOKED_UP = ("_", "N_", "ngettext")
# The product's name and what is no language.
AS_IS = {"Hinterland", "GeoNames id", "country=DE,FR&level=3&population_end.min=50000"}
PAYLOAD = (
    "![x](http://127.0.0.1:8635/track.png) **Maintenance**: [log in](http://127.0.0.1:8635/login)"
)


def _is_streamlit(call: ast.Call) -> bool:
    """Whether a call draws: ``st.x(...)``, or a drawing method of a column that ``st`` gave."""
    function = call.func
    return isinstance(function, ast.Attribute) and function.attr in DRAWN.split()


def _literals(node: ast.AST) -> list[str]:
    """Return the words of a text argument that do not pass through ``_``."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.JoinedStr):
        return [p for part in node.values for p in _literals(part)]
    if isinstance(node, ast.BinOp):
        return _literals(node.left) + _literals(node.right)
    if isinstance(node, ast.IfExp):
        return _literals(node.body) + _literals(node.orelse)
    if isinstance(node, ast.List | ast.Tuple):
        return [word for item in node.elts for word in _literals(item)]
    return []


def bare_texts(source: str) -> list[str]:
    """Return the visible texts of a module that bypass the catalogue."""
    bare = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            spoken = [k.value for k in node.keywords if k.arg in SPOKEN]
            if _is_streamlit(node):
                spoken += node.args[:1]
            bare += [word for value in spoken for word in _literals(value)]
    return [w for w in bare if re.search(r"[A-Za-z]{3}", w) and w not in AS_IS and "EPSG" not in w]


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_no_visible_text_bypasses_the_catalogue(path: Path) -> None:
    assert bare_texts(path.read_text("utf-8")) == []


def template_keys() -> set[str]:
    """Return the texts that the template holds."""
    text = (ROOT / "locale" / "hinterland.pot").read_text("utf-8")
    parts = re.findall(r'^msgid(?:_plural)? ((?:".*"\n)+)', text, re.M)
    return {"".join(map(ast.literal_eval, part.splitlines())) for part in parts}


def sentences(source: str) -> list[str]:
    """Return the sentences of a module of queries that are marked for no language.

    Left out are docstrings, errors (which are English), marked texts, and SQL: of that only what
    it quotes is read.
    """
    tree = ast.parse(source)
    passed: set[ast.AST] = set()
    raised = {
        part.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise)
        for part in ast.walk(node)
        if isinstance(part, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) or (
            isinstance(node, ast.Call) and getattr(node.func, "id", "") in (*LOOKED_UP, *ERRORS)
        ):
            passed |= set(ast.walk(node))
        # A pattern reads a text that is in the catalogue in its parts.
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile":
            passed |= set(ast.walk(node))
        # What an object prints to who programs.
        if isinstance(node, ast.FunctionDef) and node.name == "__repr__":
            passed |= set(ast.walk(node))
        # What an error is put together from.
        if isinstance(node, ast.Assign) and {getattr(t, "id", "") for t in node.targets} <= raised:
            passed |= set(ast.walk(node.value))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            passed.add(node.value)
    texts_ = [
        node.value
        for node in ast.walk(tree)
        if node not in passed and isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    words = []
    for text in texts_:
        is_sql = SQL.search(text) is not None
        words += re.findall(r"['\"]([^'\"\n]+)['\"]", text) if is_sql else [text]
    words = [word for word in words if not COLUMNS.fullmatch(word) or "," not in word]
    return [word for word in words if re.search(r"[A-Za-z]{2,},? [(a-z0-9]", word)]


@pytest.mark.parametrize("path", SERVED, ids=lambda p: p.name)
def test_no_sentence_of_a_query_bypasses_the_catalogue(path: Path) -> None:
    """Values of the marts are in the template as the data dictionary has them."""
    keys = template_keys()
    assert [s for s in sentences(path.read_text("utf-8")) if s not in keys] == []


@pytest.mark.parametrize("path", SERVED, ids=lambda p: p.name)
def test_no_answer_of_a_query_speaks_one_language(path: Path) -> None:
    """Visitors share what a function of the store returns: it holds keys, words come later."""
    queries = [
        node
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and [a.arg for a in node.args.args][:1] == ["store"]
    ]
    spoken = [
        query.name
        for query in queries
        for node in ast.walk(query)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("_", "ngettext")
    ]
    assert spoken == []


def test_the_search_for_sentences_of_queries_finds_them() -> None:
    source = (
        '"""Of a module."""\nx = f"{n} days old"\ny = _("Fine here")\nz = InputError("no table")\n'
        "sql = \"select 'Nearest town (5 000)', 'code' from t where a is not null\"\n"
        "hint = 'did you mean'\nraise ValueError(f'an error; {hint}')\n"
        "labels = {'a': 'size class', 'b': N_('size class')}\n"
    )
    assert sorted(sentences(source)) == [" days old", "Nearest town (5 000)", "size class"]


def test_the_search_for_bare_texts_finds_them() -> None:
    source = (
        "st.info('Nothing here')\ncards[0].metric(f'People {n}', 1)\n"
        "st.slider(_('Fine'), 1, 2, help='Bare')\nst.code('make run')\nst.title(_('Fine'))\n"
    )
    assert sorted(bare_texts(source)) == ["Bare", "Nothing here", "People "]


def test_no_text_that_is_filled_in_is_built_before_it_is_looked_up() -> None:
    """``_(f"...")`` and ``_("..." + x)`` have no key that a catalogue could hold."""
    for path in PAGES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in LOOKED_UP:
                built = [a for a in node.args if isinstance(a, ast.JoinedStr | ast.BinOp)]
                assert not built, (path, node.lineno)


def test_no_threshold_is_typed_into_a_text() -> None:
    """Numbers that are rows of the seed are filled in from it."""
    numbers = r"\b(?:35|50|250|100|10|20|25|5|49|24|4) (?:000|999)\b"
    typed = re.compile(
        rf"{numbers}|half an hour|30 km|45 minutes|60: OECD|95 %|1 500 people|2015 to 2017|2011"
    )
    # How half an hour is said, and a boundary year of NUTS that no threshold holds.
    allowed = {"pages/_ui/words.py"}
    for path in PAGES:
        name = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if name not in allowed and isinstance(getattr(node, "value", None), str):
                assert not typed.search(node.value), (name, node.lineno, node.value)


def test_the_template_is_current() -> None:
    pytest.importorskip("babel")
    spec = importlib.util.spec_from_file_location("extract", ROOT / "locale" / "extract.py")
    assert spec
    assert spec.loader
    extract = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(extract)
    stored = (ROOT / "locale" / "hinterland.pot").read_text("utf-8")
    assert stored == extract.template(), "run 'make texts' and commit the template"
    for text in (
        "Where is Europe shrinking?",
        "{n} of {total}",
        "Population density",
        "Fixed breaks",
    ):
        assert f'msgid "{text}"' in stored


PSEUDO = """# A language made for this test.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n<5 ? 1 : 2);\\n"

#: pages/overview.py
msgid "Where is Europe shrinking?"
msgstr "Ẁhéré ïs Éuröpé shrïnkïng?"

msgid ""
"The pages appear as soon "
"as the database is built; reload then."
msgstr "«{n} \\"later\\"»"

#, fuzzy
msgid "Regions"
msgstr "Wrong"

msgid "shrinking"
msgstr "schrümpfend"

msgid "{field}: {values}"
msgstr "{values} ({field})"

msgid "{n} found"
msgid_plural "{n} found"
msgstr[0] "{n} one"
msgstr[1] "{n} few"
msgstr[2] "{n} many"
"""


@pytest.fixture
def pseudo(tmp_path: Path) -> Path:
    """Return a folder of languages that holds one."""
    file = tmp_path / "xx" / "LC_MESSAGES" / "hinterland.po"
    file.parent.mkdir(parents=True)
    file.write_text(PSEUDO, "utf-8")
    return tmp_path


def test_a_language_is_one_file(pseudo: Path) -> None:
    try:
        texts.use("xx", pseudo)
        assert _("Where is Europe shrinking?") == "Ẁhéré ïs Éuröpé shrïnkïng?"
        later = _("The pages appear as soon as the database is built; reload then.")
        assert later.format(n=1) == '«1 "later"»'
        assert [ngettext("{n} found", "{n} found", n) for n in (1, 3, 9)] == [
            "{n} one",
            "{n} few",
            "{n} many",
        ]
        assert _("Regions") == "Regions [en]"  # a fuzzy one is not trusted
        assert _("No such text") == "No such text"
        assert _("") == ""
        for unknown in ("yy", "../xx", "", None):
            texts.use(unknown, pseudo)
            assert _("Where is Europe shrinking?") == "Where is Europe shrinking?"
    finally:
        texts.use(None)
    assert N_("Kept") == "Kept"


def test_a_text_that_a_language_lacks_is_english_with_a_mark(tmp_path: Path) -> None:
    """Lithuanian without three of its texts: they are marked, names of places are not."""
    file = tmp_path / "lt" / "LC_MESSAGES" / "hinterland.po"
    file.parent.mkdir(parents=True)
    whole = (ROOT / "locale/lt/LC_MESSAGES/hinterland.po").read_text("utf-8")
    lacking = ('msgid "Overview"\n', 'msgid "no data"\n', 'msgid "{n} row"\n')
    for entry in lacking:
        assert whole.count(entry) == 1
    entries = [e for e in whole.split("\n\n") if not any(gone in e + "\n" for gone in lacking)]
    file.write_text("\n\n".join(entries), "utf-8")
    (tmp_path / "hinterland.pot").write_text(
        (ROOT / "locale/hinterland.pot").read_text("utf-8"), "utf-8"
    )
    try:
        texts.use("lt", tmp_path)
        assert (_("Overview"), _("no data")) == ("Overview [en]", "no data [en]")
        assert ngettext("{n} row", "{n} rows", 3).format(n=3) == "3 rows [en]"
        assert (_("Bebra"), _("Germany")) == ("Bebra", "Vokietija")
        assert _("Regions") not in ("Regions", "Regions [en]")
    finally:
        texts.use(None)


def test_a_selection_is_said_in_the_language_in_use(pseudo: Path) -> None:
    regions = RegionFilter(countries=("DE", "FR"), trend=("shrinking",))
    assert regions.words() == "level 3; countries: DE, FR; trend: shrinking"
    assert TownFilter(size_class=()).words() == "everything"
    moved = ShrinkingFilter(period=(2012, 2020), cause=("legacy",), median_age=(47.5, None))
    assert moved.words() == (
        "NUTS 2021; level 3; period: 2012 to 2020; cause: legacy; median age, years: at least 47.5"
    )
    try:
        texts.use("xx", pseudo)
        assert regions.words() == "level 3; DE, FR (countries); schrümpfend (trend)"
    finally:
        texts.use(None)


@pytest.mark.parametrize("kind", [RegionFilter, TownFilter, SmstFilter, PlaceFilter])
def test_every_field_of_a_filter_has_its_word(kind: type[RegionFilter]) -> None:
    assert {field.name for field in fields(kind)} <= FIELDS.keys()


def test_a_file_of_babel_is_read_as_babel_reads_it(pseudo: Path) -> None:
    pofile = pytest.importorskip("babel.messages.pofile")
    path = pseudo / "xx" / "LC_MESSAGES" / "hinterland.po"
    with path.open("rb") as stream:
        catalogue = pofile.read_po(stream)
    read = read_po(path.read_text("utf-8"))
    for message in catalogue:
        if message.id and not message.fuzzy:
            forms = message.string if isinstance(message.string, tuple) else (message.string,)
            key = message.id[0] if isinstance(message.id, tuple) else message.id
            assert [read[key, n] for n in range(len(forms))] == list(forms)


def test_what_a_visitor_gave_is_cut_and_read_as_no_mark() -> None:
    shown = echo(PAYLOAD)
    assert len(shown.replace("\\", "").replace("\u200b", "")) == ECHO_MOST
    assert not re.search(r"(?<!\\)[\[\]*!]", shown)
    assert "://" not in shown.replace("\\", "")
    assert echo("www.example.org a@b.org") == "www\u200b.example.org a@\u200bb.org"
    message = said(InputError(f"a.csv: row 2: id '{PAYLOAD}' stands already in row 1"))
    assert "login" not in message
    assert not re.search(r"(?<!\\)[\[\]*!]", message)


@given(st.text(max_size=200))
def test_no_foreign_text_grows_long_or_keeps_a_mark(text: str) -> None:
    shown = echo(text)
    assert len(shown) <= 3 * ECHO_MOST
    assert not re.search(r"(?<!\\)(?:\\\\)*[\[\]*_`<>|]", shown)
    assert "\n" not in shown


def test_missing_is_said() -> None:
    assert plain(None) == "no data"


def test_texts_in_the_gaps_of_an_f_string_are_collected() -> None:
    spec = importlib.util.spec_from_file_location("extract", ROOT / "locale" / "extract.py")
    assert spec
    assert spec.loader
    extract = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(extract)
    source = "x = f\"<b>{escape(_('Or try one:'))}</b> {_(word)} {N_('class')}\"\n_('plain')\n"
    assert list(extract.texts_in_gaps(source)) == ["Or try one:", "class"]
