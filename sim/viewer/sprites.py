"""Sprites from the atlas; villagers dressed in the colours of their looks."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import as_file, files

import pygame

from burgh.assets.art import palette as pal
from burgh.sim.viewer.scene import Person

LIT_STATES = frozenset({"hot", "warm", "burning", "glowing", "lit", "being lit", "candles lit"})
_HAIRS = ("short", "long", "bun", "short", "long", "bald")
_LEGS = ("#5c5366", "#6b5444", "#4f5d57", "#5b4a4a", "#7a6a58")
# What people of a trade wear: (hat, apron), by a word in the name of the job.
_DRESS: dict[str, tuple[str, str]] = {
    "bak": ("toque", "apron.white"),
    "cook": ("toque", "apron.white"),
    "inn": ("", "apron.white"),
    "tavern": ("", "apron.white"),
    "barkeep": ("", "apron.white"),
    "farm": ("straw", ""),
    "garden": ("straw", ""),
    "shepherd": ("straw", ""),
    "smith": ("", "apron.leather"),
    "carpent": ("cap", "apron.leather"),
    "join": ("cap", "apron.leather"),
    "mill": ("cap", "apron.white"),
    "guard": ("cap", ""),
    "merchant": ("cap", ""),
    "trad": ("cap", ""),
}
DRESSED_A_PICTURE = 40
_DEFAULT = {"hair": "#5a3825", "skin": "#e8b98f", "coat": "#7a6a58"}


class Atlas:
    """Cuts sprites out of atlas.png. Surfaces are not to be changed.

    patient: dresses all villagers of a picture at once; else so many a picture, so that none takes long.
    """

    def __init__(self, *, patient: bool = True) -> None:
        assets = files("burgh.assets")
        self._boxes: dict[str, list[int]] = json.loads((assets / "atlas.json").read_text("utf-8"))
        with as_file(assets / "atlas.png") as path:
            self._sheet = _with_alpha(pygame.image.load(str(path)))
        self._people: dict[tuple[str, str, int], tuple[Mapping[str, str], pygame.Surface]] = {}
        self._worn: dict[str, tuple[Mapping[str, str], pygame.Surface]] = {}
        self._patient = patient
        self._left = 0  # villagers who may still be dressed for this picture

    def __contains__(self, name: str) -> bool:
        return name in self._boxes

    @cache  # noqa: B019 - one atlas lives as long as the program
    def sprite(self, name: str) -> pygame.Surface:
        """The sprite of that name. Raises KeyError."""
        return self._sheet.subsurface(self._boxes[name])

    def variants(self, kind: str) -> int:
        """How many sprites "kind/0", "kind/1", ... there are."""
        count = 0
        while f"{kind}/{count}" in self._boxes:
            count += 1
        return count

    def thing(self, kind: str, state: str) -> pygame.Surface:
        """A piece of furniture; what nobody has drawn is shown as a crate."""
        lit = f"thing/{kind}/lit"
        if state in LIT_STATES and lit in self:
            return self.sprite(lit)
        plain = f"thing/{kind}"
        return self.sprite(plain if plain in self else "thing/crate")

    def begin_picture(self) -> None:
        """Told before each picture that is drawn of a town."""
        self._left = DRESSED_A_PICTURE

    def person(self, person: Person, frame: int) -> pygame.Surface:
        """A villager, 16 x 24, facing as it does. frame: 0 standing, 1 and 2 one foot and the other
        forward, 3 with closed eyes, from the front."""
        key = (person.name, person.facing, frame)
        found = self._people.get(key)
        if found is None or (found[0] is not person.look and found[0] != person.look):
            found = self._people[key] = self._worn[person.name] = (person.look, self._dressed(person, frame))
            self._left -= 1
        return found[1]

    def walker(self, person: Person, frame: int) -> pygame.Surface:
        """The same; where enough were dressed for this picture, as it was dressed last: a foot or a turn of
        the head behind, for a picture or two."""
        if self._patient or self._left > 0 or (person.name, person.facing, frame) in self._people:
            return self.person(person, frame)
        worn = self._worn.get(person.name)
        return self.person(person, frame) if worn is None or worn[0] != person.look else worn[1]

    def _dressed(self, person: Person, frame: int) -> pygame.Surface:
        asleep = frame == 3
        facing = "down" if asleep else "right" if person.facing == "left" else person.facing
        hair, hat, apron = _wardrobe(person)
        picture = self.sprite(f"body/{facing}/{frame % 3}").copy()
        if asleep:
            hat = ""
            picture.fill(pal.KEYS["skin"], (4, 9, 8, 1))
        for layer in (apron, f"hair.{hair}", f"hat.{hat}" if hat else ""):
            if layer:
                picture.blit(self.sprite(f"{layer}/{facing}"), (0, 0))
        _dye(picture, _dyes(person))
        return (
            pygame.transform.flip(picture, True, False) if facing != person.facing and not asleep else picture
        )


def _wardrobe(person: Person) -> tuple[str, str, str]:
    job = person.look.get("job", "").lower()
    hat, apron = next((dress for word, dress in _DRESS.items() if word in job), ("", ""))
    hair = person.look.get("hair_style", "")
    if hair not in _HAIRS:
        hair = _HAIRS[zlib.crc32(person.name.encode()) % len(_HAIRS)]
    return hair, hat, apron


def colour_of(look: Mapping[str, str], part: str) -> pal.Colour:
    """The colour a look gives to "hair", "skin" or "coat"; a plain one where it gives none."""
    try:
        return pal.rgb(look[part])
    except (KeyError, ValueError):
        return pal.rgb(_DEFAULT[part])


def _dyes(person: Person) -> dict[pal.Colour, pal.Colour]:
    hair, skin, coat = (colour_of(person.look, part) for part in ("hair", "skin", "coat"))
    legs = pal.rgb(_LEGS[zlib.crc32(person.name[::-1].encode()) % len(_LEGS)])
    keys = pal.KEYS
    return {
        keys["hair_dark"]: pal.shade(hair, 0.72),
        keys["hair"]: hair,
        keys["hair_light"]: pal.shade(hair, 1.28),
        keys["skin_dark"]: pal.shade(skin, 0.86),
        keys["skin"]: skin,
        keys["coat_dark"]: pal.shade(coat, 0.76),
        keys["coat"]: coat,
        keys["coat_light"]: pal.shade(coat, 1.18),
        keys["legs_dark"]: pal.shade(legs, 0.78),
        keys["legs"]: legs,
    }


def _dye(picture: pygame.Surface, dyes: Mapping[pal.Colour, pal.Colour]) -> None:
    pixels = pygame.surfarray.pixels2d(picture)
    before = pixels.copy()
    for key, colour in dyes.items():
        pixels[before == _word(picture, key)] = _word(picture, colour)


def _word(picture: pygame.Surface, colour: pal.Colour) -> int:
    """An opaque colour as the picture's pixels hold it."""
    return int(picture.map_rgb(colour)) & 0xFFFFFFFF


def _with_alpha(picture: pygame.Surface) -> pygame.Surface:
    """A copy in the format that software blits are fastest from; needs no window."""
    twin = pygame.Surface(picture.get_size(), pygame.SRCALPHA, 32)
    twin.blit(picture, (0, 0))
    return twin
