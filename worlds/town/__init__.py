"""A village of tiles: see town.py for the world, map.py for its map."""

from burgh.worlds.town.body import Resident
from burgh.worlds.town.map import TownMap, load_map, village
from burgh.worlds.town.market import Auction, Goods
from burgh.worlds.town.speech import WHISPER, Happening
from burgh.worlds.town.town import Town

__all__ = ["WHISPER", "Auction", "Goods", "Happening", "Resident", "Town", "TownMap", "load_map", "village"]
