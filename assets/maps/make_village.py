"""Draws the village and writes it as village.json, a map that opens in Tiled (https://www.mapeditor.org).

Run it from anywhere: `python assets/maps/make_village.py`. What stands where is said here; how the map
is drawn and written is said in canvas.py beside it.
"""

from __future__ import annotations

import random
from pathlib import Path

from burgh.assets.maps.canvas import Canvas, House

HERE = Path(__file__).parent
WIDTH, HEIGHT = 60, 40
STREAM = {0: 45, 4: 46, 9: 45, 14: 44, 20: 44, 25: 45, 29: 46, 33: 45, 39: 43}  # y: x of its left bank


def stream_x(y: int) -> int:
    """The stream's left bank at a row, between the points of STREAM."""
    above = max(row for row in STREAM if row <= y)
    below = min((row for row in STREAM if row > y), default=above)
    if above == below:
        return STREAM[above]
    return round(STREAM[above] + (STREAM[below] - STREAM[above]) * (y - above) / (below - above))


def draw_water(canvas: Canvas) -> None:
    for y in range(HEIGHT):
        left = stream_x(y)
        canvas.fill("ground", (left, y, left + 1, y), "water")
        if y % 5 in {1, 2} and y not in range(18, 24) and y not in range(30, 35):
            canvas.put("walls", left + y % 2, y, "reeds")
    for y, left, right in ((26, 6, 8), (27, 5, 9), (28, 4, 9), (29, 5, 8)):
        canvas.fill("ground", (left, y, right, y), "water")
    for x, y in ((6, 26), (9, 27), (4, 28), (8, 29)):
        canvas.put("walls", x, y, "reeds")


def draw_paths(canvas: Canvas) -> None:
    for x0, y0, x1, y1 in (
        (0, 21, 6, 22),  # the main street, with a bend at each end
        (5, 20, 54, 21),
        (53, 19, 59, 20),
        (3, 9, 21, 9),  # the upper lane
        (22, 9, 22, 19),
        (11, 9, 11, 19),
        (22, 15, 42, 15),  # before the bakery and the tavern
        (42, 15, 42, 32),
        (31, 24, 32, 38),  # between the school and the workshop
        (2, 32, 57, 32),  # the south lane
        (12, 22, 12, 36),
        (6, 19, 6, 19),
        (16, 19, 16, 19),
        (17, 31, 17, 31),
        (48, 5, 48, 20),  # east of the stream
        (52, 19, 52, 19),
        (48, 22, 48, 32),
        (53, 30, 53, 31),
        (49, 5, 49, 5),
    ):
        canvas.fill("ground", (x0, y0, x1, y1), "path")
    canvas.fill("ground", (23, 16, 37, 23), "cobble")
    canvas.fill("ground", (25, 24, 35, 24), "cobble")
    for x, y in ((23, 16), (24, 16), (23, 17), (36, 16), (37, 16), (37, 17), (23, 23), (37, 23), (37, 22)):
        canvas.put("ground", x, y, "grass")
    for y in (20, 21, 32):
        for x in range(WIDTH):
            if canvas.at("ground", x, y) == "path" and x in (stream_x(y), stream_x(y) + 1):
                canvas.put("ground", x, y, "bridge")
                canvas.put("walls", x, y, None)


HOUSES = (
    House("Chapel", 3, 1, 10, 8, (6, 8), {"Nave": (4, 3, 9, 7)}, stone=True),
    House("Chapel House", 13, 2, 21, 8, (15, 8), {"Kitchen": (14, 4, 16, 7), "Bedroom": (18, 4, 20, 7)}),
    House("Oak Cottage", 2, 12, 10, 18, (6, 18), {"Kitchen": (3, 14, 6, 17), "Bedroom": (8, 14, 9, 17)}),
    House(
        "Rose Cottage", 13, 12, 21, 18, (16, 18), {"Kitchen": (14, 14, 17, 17), "Bedroom": (19, 14, 20, 17)}
    ),
    House("Bakery", 23, 6, 31, 14, (26, 14), {"Kitchen": (24, 8, 30, 9), "Shop": (24, 11, 30, 13)}),
    House("Tavern", 33, 5, 42, 14, (37, 14), {"Kitchen": (34, 7, 41, 8), "Taproom": (34, 10, 41, 13)}),
    House("School", 22, 25, 30, 31, (30, 29), {"Classroom": (23, 27, 29, 30)}),
    House("Workshop", 33, 25, 41, 31, (33, 29), {"Floor": (34, 27, 40, 30)}, stone=True),
    House("Elm Cottage", 14, 24, 20, 30, (17, 30), {"Room": (15, 26, 19, 29)}),
    House("Willow Cottage", 2, 33, 11, 38, (11, 36), {"Bedroom": (3, 35, 5, 37), "Kitchen": (7, 35, 10, 37)}),
    House("Ivy Cottage", 13, 33, 20, 38, (13, 36), {"Room": (14, 35, 19, 37)}),
    House("Smith's Yard", 33, 33, 40, 38, (33, 36), {"Room": (34, 35, 39, 37)}, stone=True),
    House("Mill House", 49, 12, 57, 18, (52, 18), {"Kitchen": (50, 14, 53, 17), "Bedroom": (55, 14, 56, 17)}),
    House(
        "Bridge Cottage", 50, 24, 58, 30, (53, 30), {"Kitchen": (51, 26, 54, 29), "Bedroom": (56, 26, 57, 29)}
    ),
)
INNER_DOORS = ((17, 6), (7, 16), (18, 16), (28, 10), (36, 9), (6, 36), (54, 16), (55, 28))

AREAS = {
    "Market Square": (23, 16, 37, 23, "on the market square"),
    "Green": (1, 23, 11, 31, "on the green"),
    "North Field": (49, 1, 58, 9, "in the north field"),
    "South Field": (50, 33, 58, 38, "in the south field"),
}
PHRASES = {
    "Bakery": "the bakery", "Tavern": "the tavern", "School": "the school",
    "Workshop": "the workshop", "Chapel": "the chapel",
}  # fmt: skip

# x, y, kind, state; a name where two of a kind stand in one room, or where it has one of its own
FURNITURE = """
    6 3 altar bare; 4 3 lantern dark Candle Stand; 9 3 chest closed Vestry Chest; 5 5 pew empty Left Pew;
    8 5 pew empty Right Pew; 5 6 pew empty Rear Left Pew; 8 6 pew empty Rear Right Pew;

    14 4 hearth cold; 14 6 table bare; 15 6 chair empty; 18 4 desk tidy; 19 4 shelf stocked; 20 4 bed made;

    3 14 hearth cold; 5 16 table bare; 4 16 chair empty; 6 14 shelf stocked; 8 14 chest closed; 9 14 bed made;

    14 14 hearth cold; 16 15 table bare; 15 15 chair empty; 17 14 barrel full; 19 14 chest closed;
    20 14 bed made;

    24 8 barrel full Flour Barrel; 25 8 oven cold; 27 8 table floury; 29 8 crate closed; 30 8 shelf stocked;
    25 12 counter tidy; 30 11 shelf empty Bread Shelf; 24 11 bench empty; 30 12 barrel full;

    34 7 oven cold; 37 7 table tidy; 39 7 shelf stocked; 41 7 barrel full; 34 10 hearth cold;
    39 11 bar tidy; 41 10 barrel full Ale Barrel; 35 12 table clean Round Table; 34 12 chair empty;
    36 12 chair empty Good Chair; 40 12 table clean Corner Table; 41 12 bench empty;

    23 27 desk tidy Teacher's Desk; 26 27 blackboard clean; 29 27 shelf stocked Book Shelf;
    25 28 bench empty Front Bench; 27 28 bench empty Side Bench; 25 29 bench empty Back Bench;
    27 29 bench empty Corner Bench;

    35 27 workbench tidy; 38 27 hearth cold Forge; 39 27 barrel full Water Barrel;
    40 27 shelf stocked Tool Shelf; 40 29 crate closed; 36 29 table bare Cutting Table;

    15 26 hearth cold; 17 27 table bare; 16 27 chair empty; 15 29 shelf stocked; 18 26 chest closed;
    19 26 bed made;

    3 35 bed made; 5 35 chest closed; 7 35 hearth cold; 9 35 table bare; 10 35 chair empty;

    14 35 hearth cold; 16 36 table bare; 17 36 chair empty; 17 35 shelf stocked; 19 35 bed made;

    34 35 hearth cold; 36 36 table bare; 37 36 chair empty; 38 35 chest closed; 39 35 bed made;

    50 14 hearth cold; 52 15 table bare; 51 15 chair empty; 53 14 barrel full; 55 14 chest closed;
    56 14 bed made;

    51 26 hearth cold; 53 27 table bare; 52 27 chair empty; 54 26 shelf stocked; 56 26 chest closed;
    57 26 bed made;

    30 18 well still; 25 17 stall bare Bread Stall; 34 17 stall bare Cheese Stall;
    35 22 stall bare Apple Stall; 29 22 stall bare Egg Stall; 33 17 crate closed Cheese Crate;
    36 22 barrel full Apple Barrel; 26 22 bench empty South Bench; 30 16 bench empty North Bench;
    37 19 signpost plain; 24 19 lantern dark West Lantern; 36 17 lantern dark East Lantern;
    32 22 lantern dark South Lantern; 43 19 lantern dark Bridge Lantern;

    3 25 bench empty Pond Bench; 8 24 bench empty Oak Bench; 51 7 plough idle; 55 3 scarecrow standing;
    56 37 scarecrow standing; 52 34 crate closed;
    42 34 woodpile stacked; 12 7 woodpile stacked Chapel Woodpile; 12 17 woodpile stacked Rose Woodpile;
"""


RUGS = (
    (6, 4, 6, 7), (19, 6, 20, 6), (9, 16, 9, 17), (20, 16, 20, 17), (37, 12, 38, 12), (17, 28, 18, 28),
    (4, 36, 4, 37), (18, 37, 19, 37), (38, 37, 39, 37), (56, 16, 56, 17), (57, 28, 57, 29),
)  # fmt: skip


def draw_gardens(canvas: Canvas) -> None:
    """Fields, kitchen gardens, hedges, flowers and the trees that stand where someone planted them."""
    for x0, y0, x1, y1, gate in ((49, 1, 58, 9, (49, 5)), (50, 33, 58, 38, (53, 33))):
        canvas.fence((x0, y0, x1, y1), "fence", gates=(gate,))
        canvas.fill("ground", (x0 + 1, y0 + 1, x1 - 1, y1 - 1), "field")
    canvas.fill("ground", (51, 2, 56, 2), "wheat")
    canvas.fill("ground", (50, 8, 57, 8), "wheat")
    canvas.fill("ground", (53, 3, 54, 4), "wheat")
    canvas.fill("ground", (51, 36, 57, 36), "wheat")
    canvas.fill("ground", (55, 34, 57, 34), "wheat")
    canvas.fill("ground", (53, 32, 53, 33), "path")
    canvas.fence((22, 33, 29, 38), "hedge", gates=((29, 36), (26, 33)))
    canvas.fill("ground", (30, 36, 30, 36), "path")
    for x in (23, 25, 27):
        canvas.fill("ground", (x, 34, x, 36), "garden")
    for x0, y0, x1, y1 in (
        (38, 17, 40, 17),
        (58, 14, 58, 16),
        (13, 25, 13, 28),
        (49, 25, 49, 28),
        (21, 23, 21, 24),
    ):
        canvas.fill("ground", (x0, y0, x1, y1), "garden")
    for x, y in (
        (13, 19),
        (14, 19),
        (18, 19),
        (19, 19),
        (3, 19),
        (4, 19),
        (8, 19),
        (15, 31),
        (19, 31),
        (51, 31),
    ):
        canvas.put("ground", x, y, "flowers")
    canvas.fill("ground", (38, 18, 40, 18), "flowers")
    canvas.fill("ground", (43, 25, 44, 26), "flowers")
    for x0, y0, x1, y1 in RUGS:
        canvas.fill("ground", (x0, y0, x1, y1), "rug")
    for x in (12, 13, 19, 20):
        canvas.fill("walls", (x, 10, x, 10), "hedge")
    for x in (2, 3, 9, 10):
        canvas.fill("walls", (x, 10, x, 10), "hedge")
    for x, y in ((23, 17), (37, 17), (24, 24), (36, 24)):
        canvas.put("walls", x, y, "bush")
    for x, y in (
        (2, 29), (10, 25), (3, 31), (9, 24), (11, 30), (1, 26), (23, 3), (25, 2), (27, 3), (29, 2), (31, 3),
        (24, 4), (28, 4), (43, 24), (43, 28), (41, 23), (49, 22), (59, 22), (59, 26), (58, 15), (47, 11),
        (23, 16), (37, 16), (23, 23), (43, 2), (41, 2), (36, 2), (39, 3), (34, 3), (22, 1), (43, 37),
        (42, 36), (48, 35), (48, 37), (1, 16), (1, 6), (1, 3), (12, 4), (11, 1), (21, 11), (22, 5),
        (40, 19), (20, 22), (15, 22), (39, 22), (47, 38),
    ):  # fmt: skip
        canvas.put("walls", x, y, "tree")


def scatter(canvas: Canvas) -> None:
    """Woods along the edges, and wild flowers and bushes where nothing else is, never in anyone's way."""
    wild = random.Random(1)
    for y in range(canvas.height):
        for x in range(canvas.width):
            if canvas.at("ground", x, y) != "grass" or canvas.at("walls", x, y) is not None:
                continue
            edge = min(x, y, canvas.width - 1 - x, canvas.height - 1 - y)
            draw = wild.random()
            if edge == 0 and draw < 0.62:
                canvas.put("walls", x, y, "tree")
            elif edge <= 1 and draw < 0.2:
                canvas.put("walls", x, y, "bush")
            elif draw < 0.16:
                canvas.put("ground", x, y, "flowers")
            elif draw > 0.965 and not canvas.beside_a_door(x, y):
                canvas.put("walls", x, y, "bush" if draw < 0.985 else "tree")


def sheet(width: int, height: int) -> Canvas:
    """An empty canvas."""
    tiles = (HERE / "tiles.txt").read_text(encoding="utf-8").split()
    kinds = (HERE / "objects.txt").read_text(encoding="utf-8").split()
    return Canvas("Burgh", width, height, tiles, kinds)


def draw_village(canvas: Canvas) -> None:
    """Everything but what grows wild."""
    draw_water(canvas)
    draw_paths(canvas)
    for house in HOUSES:
        canvas.house(house, PHRASES.get(house.name, house.name))
    for x, y in INNER_DOORS:
        canvas.inner_door(x, y)
    areas = {**AREAS, "Street": (0, 0, canvas.width - 1, canvas.height - 1, "in the street")}
    for name, (x0, y0, x1, y1, phrase) in areas.items():
        canvas.place(name, "area", (x0, y0, x1, y1), phrase)
    draw_gardens(canvas)
    canvas.furnish_all(FURNITURE)


def village() -> Canvas:
    canvas = sheet(WIDTH, HEIGHT)
    draw_village(canvas)
    scatter(canvas)
    return canvas


if __name__ == "__main__":
    (HERE / "village.json").write_text(village().to_json(), encoding="utf-8")
