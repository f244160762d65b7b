"""Names in their own language say which it is."""

from __future__ import annotations

from pages._ui import native


def test_a_country_of_one_language_says_it() -> None:
    assert native.lang("EL") == ' lang="el"'
    assert native.lang("CZ") == ' lang="cs"'


def test_a_country_of_several_says_none() -> None:
    assert [native.lang(country) for country in ("BE", "CH", "FI", "")] == [""] * 4
