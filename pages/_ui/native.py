"""The language of a name in its own country, so that a screen reader speaks it right."""

from __future__ import annotations

#: Countries with one official language in all regions, by Eurostat's code; BCP 47.
LANGUAGES = {
    "AL": "sq",
    "AT": "de",
    "BG": "bg",
    "CZ": "cs",
    "DE": "de",
    "DK": "da",
    "EE": "et",
    "EL": "el",
    "FR": "fr",
    "HR": "hr",
    "HU": "hu",
    "IS": "is",
    "IT": "it",
    "LI": "de",
    "LT": "lt",
    "LV": "lv",
    "NL": "nl",
    "NO": "no",
    "PL": "pl",
    "PT": "pt",
    "RO": "ro",
    "RS": "sr",
    "SE": "sv",
    "SI": "sl",
    "SK": "sk",
    "TR": "tr",
    "UA": "uk",
}


def lang(country: str) -> str:
    """Return the attribute that states the language of a country's names, or an empty text."""
    language = LANGUAGES.get(country)
    return f' lang="{language}"' if language else ""
