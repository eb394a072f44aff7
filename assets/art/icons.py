"""What villagers are at, as little pictures of 9 x 9 pixels; and which one fits an activity."""

from __future__ import annotations

from collections.abc import Mapping

from burgh.assets.art import palette as pal
from burgh.assets.art.canvas import Canvas

SIDE = 9
COLOURS: Mapping[str, pal.Colour] = {
    "o": pal.INK,
    "w": pal.CLOTH[2],
    "g": pal.IRON[2],
    "G": pal.IRON[1],
    "b": pal.WOOD[1],
    "B": pal.WOOD[0],
    "y": pal.WHEAT[1],
    "Y": pal.WHEAT[2],
    "r": pal.RED[1],
    "R": pal.RED[0],
    "u": pal.BLUE[1],
    "U": pal.BLUE[2],
    "l": pal.LEAF[1],
    "f": pal.FIRE[1],
}
ICONS: Mapping[str, tuple[str, ...]] = {
    "bread": (
        ".........",
        "..ooooo..",
        ".oYyYyYo.",
        "oYbYbYbYo",
        "oyYyYyYyo",
        "obyyyyybo",
        "oBbbbbbBo",
        ".ooooooo.",
        ".........",
    ),
    "mug": (
        ".oooooo..",
        "owwwwwwo.",
        "oywwywyoo",
        "oyyyyyyoo",
        "oyYyyYyoo",
        "oyYyyYyoo",
        "oyyyyyyo.",
        "obbbbbbo.",
        ".oooooo..",
    ),
    "book": (
        ".........",
        ".ooo.ooo.",
        "owwwowwwo",
        "owgwowgwo",
        "owwwowwwo",
        "owgwowgwo",
        "owwwowwwo",
        "ouuuouuuo",
        ".ooo.ooo.",
    ),
    "hammer": (
        ".oooooo..",
        "ogGGGGgo.",
        "ogGGGGgo.",
        ".oobboo..",
        "...obo...",
        "...obo...",
        "...obo...",
        "...obo...",
        "...ooo...",
    ),
    "candle": (
        "....f....",
        "...fYf...",
        "...fYf...",
        "....o....",
        "...owo...",
        "...owo...",
        "...owo...",
        "..obbbo..",
        "..ooooo..",
    ),
    "basket": (
        "...ooo...",
        "..o...o..",
        ".o.rlr.o.",
        "orrlrrlro",
        "obbbbbbbo",
        "obYbYbYbo",
        ".obbbbbo.",
        ".obYbYbo.",
        "..ooooo..",
    ),
    "broom": (
        "......oo.",
        ".....obo.",
        "....obo..",
        "...obo...",
        ".oobo....",
        "oyyo.....",
        "oYyyo....",
        "oyYyo....",
        ".ooo.....",
    ),
    "wheat": (
        "....y....",
        "..y.Y.y..",
        ".yYyYyYy.",
        "..yYYYy..",
        "...yYy...",
        "....l....",
        "..l.l.l..",
        "...lll...",
        "....l....",
    ),
    "sleep": (
        ".........",
        "uuuu.....",
        "...u.....",
        "..u......",
        ".u...uuu.",
        "uuuu...u.",
        "......u..",
        ".....uuu.",
        ".........",
    ),
    "meal": (
        ".........",
        "o.o..o...",
        "o.o.ooo..",
        "ooo.ogo..",
        ".o..oogo.",
        ".o..o.o..",
        ".o..o.o..",
        ".o..ooo..",
        ".........",
    ),
    "wait": (
        ".ooooooo.",
        "..owwwo..",
        "..oyyyo..",
        "...oyo...",
        "....o....",
        "...owo...",
        "..owywo..",
        "..oyyyo..",
        ".ooooooo.",
    ),
    "song": (
        "...ooooo.",
        "...o...o.",
        "...ooooo.",
        "...o...o.",
        "...o...o.",
        ".ooo.ooo.",
        "ouuooUuo.",
        "ouuoouuo.",
        ".oo..oo..",
    ),
    "bucket": (
        "..ooooo..",
        ".o.....o.",
        "ooooooooo",
        "oUuUuUuUo",
        "obuuuuubo",
        ".obbbbbo.",
        ".oBbbbBo.",
        ".obbbbbo.",
        "..ooooo..",
    ),
    "gavel": (
        "...oo....",
        "..obbo...",
        ".obBBbo..",
        ".obbBBbo.",
        "..oobbo..",
        "..oboo...",
        ".obo.....",
        "obo.oooo.",
        "oo..obbo.",
    ),
    "talk": (
        ".ooooooo.",
        "owwwwwwwo",
        "owwwwwwwo",
        "owuwuwuwo",
        "owwwwwwwo",
        ".owooooo.",
        ".owo.....",
        ".oo......",
        ".........",
    ),
    "star": (
        "....o....",
        "...oYo...",
        "ooooYoooo",
        "oYYYYYYYo",
        ".oYYYYYo.",
        "..oYYYo..",
        ".oYYoYYo.",
        ".oYo.oYo.",
        ".oo...oo.",
    ),
}
# The first word that is found in an activity, or else in the kind of object it is done at, says which.
WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("sleep", ("sleep", "nap", "睡")),
    ("gavel", ("auction", "bid", "拍卖")),
    ("basket", ("sell", "stall", "market", "buy", "apple", "egg", "cheese", "卖", "买")),
    ("bread", ("bak", "bread", "dough", "knead", "oven", "flour", "面包", "烤")),
    ("mug", ("drink", "ale", "beer", "pour", "tavern", "serv", "bar", "喝", "酒")),
    ("meal", ("eat", "breakfast", "lunch", "supper", "dinner", "cook", "吃", "饭")),
    ("broom", ("sweep", "clean", "wip", "tidy", "wash", "扫")),
    ("hammer", ("saw", "hammer", "carp", "mend", "repair", "forge", "workbench", "plan", "build", "修")),
    ("book", ("teach", "read", "writ", "lesson", "school", "desk", "blackboard", "study", "教", "读")),
    ("song", ("sing", "play", "danc", "music", "唱")),
    ("candle", ("pray", "altar", "mass", "sermon", "chapel", "candle", "祷")),
    ("bucket", ("well", "water", "fetch", "水")),
    ("wheat", ("field", "farm", "sow", "harvest", "plough", "hoe", "garden", "feed", "cow", "sheep", "种")),
    ("talk", ("talk", "meet", "visit", "chat", "谈")),
    ("wait", ("wait", "rest", "sit", "look", "等")),
)


def icon_of(activity: str, using: str = "") -> str:
    """The name of the picture that fits an activity: "star" where no word is known, "" for none."""
    if not activity:
        return ""
    for text in (activity.lower(), using.lower()):
        for name, words in WORDS:
            if any(word in text for word in words):
                return name
    return "star"


def draw() -> dict[str, Canvas]:
    """All of them, as "icon/NAME"."""
    drawn = {}
    for name, rows in ICONS.items():
        canvas = Canvas(SIDE, SIDE)
        canvas.text(rows, COLOURS)
        drawn[f"icon/{name}"] = canvas
    return drawn
