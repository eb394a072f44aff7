"""A worker process that dies over one game: importable, as a pool of processes needs it."""

from __future__ import annotations

import os

from burgh.scenarios.arena.contest import Contest
from burgh.scenarios.arena.design import Game
from burgh.scenarios.arena.play import play_now
from burgh.scenarios.arena.results import Played

DEADLY_BLOCK = 1


def die(contest: Contest, game: Game) -> Played:
    if game.block == DEADLY_BLOCK:
        os._exit(9)
    return play_now(contest, game)
