"""The entry: pages, look and the line of attributions. No query, no maths."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages._ui.chrome import footer, style

st.set_page_config(
    page_title="Hinterland",
    layout="wide",
    page_icon=str(Path(__file__).parent / "pages/_ui/icon.svg"),
    menu_items={"About": "Hinterland: Europe's regions and towns, every number explained."},
)

page = st.navigation(
    {
        "": [
            st.Page(
                "pages/overview.py",
                title="Overview",
                icon=":material/public:",
                default=True,
                help="What is growing and shrinking in Europe",
            ),
        ],
        "Regions": [
            st.Page(
                "pages/regions.py",
                title="Regions",
                icon=":material/map:",
                url_path="regions",
                help="Filter, map and download regions",
            ),
            st.Page(
                "pages/shrinking.py",
                title="Shrinking regions",
                url_path="shrinking",
                icon=":material/trending_down:",
                help="Why regions shrink: births or migration",
            ),
        ],
        "Reach": [
            st.Page(
                "pages/remoteness.py",
                title="Remoteness",
                icon=":material/route:",
                url_path="remoteness",
                help="How far it is to towns, and what if a site closed",
            ),
            st.Page(
                "pages/services.py",
                title="Services",
                icon=":material/local_hospital:",
                url_path="services",
                help="Who reaches which service, and your own facilities",
            ),
        ],
        "Towns": [
            st.Page(
                "pages/towns.py",
                title="Towns",
                icon=":material/location_city:",
                url_path="towns",
                help="Find and filter settlements",
            ),
            st.Page(
                "pages/small_towns.py",
                title="Small towns",
                url_path="small-towns",
                icon=":material/holiday_village:",
                help="Types of small towns, and towns like one",
            ),
        ],
        "Places & practices": [
            st.Page(
                "pages/social_places.py",
                title="Social places",
                icon=":material/groups:",
                url_path="social-places",
                help="Where people meet",
            ),
            st.Page(
                "pages/case_studies.py",
                title="Case studies",
                icon=":material/science:",
                url_path="case-studies",
                help="What was tried, and what came of it",
            ),
            st.Page(
                "pages/what_fits.py",
                title="What fits here",
                icon=":material/checklist:",
                url_path="what-fits",
                help="Practices whose conditions a town meets",
            ),
        ],
        "Methods": [
            st.Page(
                "pages/data.py",
                title="Data & methods",
                icon=":material/database:",
                url_path="data",
                help="Definitions, sources, licences, downloads, limits",
            ),
        ],
    },
    position="top",
)
style()
page.run()
footer()
