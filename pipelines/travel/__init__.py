"""Travel time by car between settlements, estimated offline from open data."""

from pipelines.travel.constants import TravelConstants
from pipelines.travel.crossings import Links, Seeds
from pipelines.travel.network import Network, build_network, network_from_table
from pipelines.travel.settlements import Settlements

__all__ = [
    "Links",
    "Network",
    "Seeds",
    "Settlements",
    "TravelConstants",
    "build_network",
    "network_from_table",
]
