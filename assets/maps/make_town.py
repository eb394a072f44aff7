"""Draws the town: the village with a quarter beyond it, homes and work for 25. Writes town.json.

Run it from anywhere: `python assets/maps/make_town.py`. The village itself is drawn by make_village.py; here
stands what comes to it.
"""

from __future__ import annotations

from burgh.assets.maps.canvas import Canvas, House
from burgh.assets.maps.make_village import HEIGHT, HERE, draw_village, scatter, sheet

WIDTH = 94

HOUSES = (
    House("Birch Cottage", 62, 1, 70, 7, (65, 7),
          {"Kitchen": (63, 3, 66, 6), "Bedroom": (68, 3, 69, 6)}),
    House("Library", 73, 1, 82, 7, (77, 7), {"Reading Room": (74, 3, 81, 6)}, stone=True),
    House("Hazel Cottage", 85, 1, 92, 7, (87, 7),
          {"Kitchen": (86, 3, 88, 6), "Bedroom": (90, 3, 91, 6)}),
    House("Store", 62, 11, 70, 17, (65, 17), {"Shop": (63, 13, 69, 16)}),
    House("Teahouse", 73, 10, 83, 17, (79, 17), {"Parlour": (77, 12, 82, 16), "Kitchen": (74, 12, 75, 16)}),
    House("Town Hall", 85, 10, 92, 17, (88, 17), {"Council Room": (86, 12, 91, 16)}, stone=True),
    House("Weavery", 62, 22, 70, 28, (65, 28), {"Loom Room": (63, 24, 69, 27)}),
    House("Apothecary", 73, 22, 82, 28, (77, 28), {"Shop": (74, 24, 81, 27)}),
    House("Maple Cottage", 85, 22, 92, 28, (87, 28),
          {"Kitchen": (86, 24, 88, 27), "Bedroom": (90, 24, 91, 27)}),
    House("Juniper Cottage", 62, 31, 70, 37, (65, 37),
          {"Kitchen": (63, 33, 66, 36), "Bedroom": (68, 33, 69, 36)}),
    House("Dairy", 73, 31, 82, 37, (77, 37), {"Churn Room": (74, 33, 81, 36)}, stone=True),
    House("Larch Cottage", 85, 31, 92, 37, (87, 37),
          {"Kitchen": (86, 33, 88, 36), "Bedroom": (90, 33, 91, 36)}),
)  # fmt: skip
INNER_DOORS = ((67, 5), (89, 5), (76, 14), (89, 26), (67, 35), (89, 35))

PATHS = (
    (60, 19, 93, 20),  # the main street goes on
    (58, 32, 60, 32),  # and so does the south lane
    (60, 8, 60, 38),
    (60, 8, 93, 8),
    (71, 8, 71, 38),
    (84, 8, 84, 38),
    (61, 29, 93, 29),
    (61, 38, 93, 38),
    (65, 18, 65, 18),
    (79, 18, 79, 18),
    (88, 18, 88, 18),
)

PHRASES = {
    "Library": "the library", "Store": "the store", "Teahouse": "the teahouse", "Town Hall": "the town hall",
    "Weavery": "the weavery", "Apothecary": "the apothecary's", "Dairy": "the dairy",
}  # fmt: skip

# As in make_village.py; the first lines are second beds in the houses of the village.
FURNITURE = """
    9 15 bed made Second Bed; 20 15 bed made Second Bed; 19 28 bed made Second Bed; 4 35 bed made Second Bed;
    56 15 bed made Second Bed; 57 27 bed made Second Bed;

    63 3 hearth cold; 65 5 table bare; 64 5 chair empty; 66 3 shelf stocked; 68 3 chest closed;
    69 3 bed made; 69 4 bed made Second Bed;

    74 3 shelf stocked Old Shelf; 76 3 shelf stocked; 78 3 shelf stocked Tall Shelf; 81 3 desk tidy;
    75 5 table bare; 76 5 chair empty; 79 5 table bare Window Table; 80 5 bench empty;

    86 3 hearth cold; 87 5 table bare; 88 5 chair empty; 90 3 chest closed; 91 3 bed made;
    91 4 bed made Second Bed;

    63 13 shelf stocked; 65 13 shelf stocked Tin Shelf; 69 13 barrel full; 67 14 counter tidy;
    63 15 crate closed; 69 16 crate closed Apple Crate;

    74 12 oven cold; 75 12 shelf stocked; 75 16 barrel full;
    78 12 hearth cold; 82 12 lantern dark; 78 14 table clean Long Table; 79 14 bench empty;
    81 15 table clean Small Table; 82 15 chair empty; 77 16 shelf stocked Cup Shelf;

    86 12 shelf stocked; 88 12 desk tidy Reeve's Desk; 91 12 chest closed; 88 14 table bare Council Table;
    87 14 chair empty; 89 14 chair empty Good Chair; 86 16 bench empty; 91 16 bench empty Side Bench;

    63 24 workbench tidy Loom; 66 24 workbench tidy Small Loom; 69 24 shelf stocked; 65 26 table bare;
    66 26 chair empty; 69 27 crate closed Wool Crate;

    74 24 hearth cold; 76 24 shelf stocked; 78 24 shelf stocked Jar Shelf; 81 24 barrel full;
    78 26 counter tidy; 75 27 bench empty;

    86 24 hearth cold; 87 26 table bare; 88 26 chair empty; 90 24 chest closed; 91 24 bed made;
    91 25 bed made Second Bed;

    63 33 hearth cold; 65 35 table bare; 64 35 chair empty; 66 33 shelf stocked; 68 33 chest closed;
    69 33 bed made; 69 34 bed made Second Bed;

    74 33 hearth cold; 76 33 barrel full Churn; 78 33 barrel full Milk Barrel; 81 33 shelf stocked;
    78 35 table clean; 75 35 bench empty;

    86 33 hearth cold; 87 35 table bare; 88 35 chair empty; 90 33 chest closed; 91 33 bed made;
    91 34 bed made Second Bed;

    72 19 lantern dark Tea Lantern; 84 21 lantern dark Hall Lantern; 61 21 signpost plain East Signpost;
    72 30 bench empty Lane Bench; 61 10 woodpile stacked Store Woodpile;
    83 30 woodpile stacked Dairy Woodpile;
"""

RUGS = ((80, 12, 80, 13), (87, 15, 89, 15), (69, 5, 69, 6), (91, 26, 91, 27), (91, 35, 91, 36))
FLOWERS = ((63, 18), (64, 18), (68, 18), (74, 18), (76, 18), (82, 18), (86, 18), (90, 18), (63, 9), (75, 9))
GARDENS = ((63, 10, 67, 10), (63, 21, 68, 21), (74, 21, 80, 21), (86, 21, 91, 21), (63, 30, 69, 30))
TREES = (
    (72, 3), (83, 5), (72, 11), (72, 14), (61, 4), (61, 14), (61, 25), (61, 34), (72, 25), (83, 24), (72, 34),
    (83, 34), (83, 27), (61, 2), (83, 2), (75, 30), (88, 30), (90, 9), (78, 9),
)  # fmt: skip


def draw_quarter(canvas: Canvas) -> None:
    """The streets, houses and gardens east of the village."""
    for rect in PATHS:
        canvas.fill("ground", rect, "path")
        canvas.fill("walls", rect, None)
    for house in HOUSES:
        canvas.house(house, PHRASES.get(house.name, house.name))
    for x, y in INNER_DOORS:
        canvas.inner_door(x, y)
    for rect in GARDENS:
        canvas.fill("ground", rect, "garden")
    for x, y in FLOWERS:
        canvas.put("ground", x, y, "flowers")
    for rect in RUGS:
        canvas.fill("ground", rect, "rug")
    for x, y in TREES:
        canvas.put("walls", x, y, "tree")


def town() -> Canvas:
    canvas = sheet(WIDTH, HEIGHT)
    draw_village(canvas)
    draw_quarter(canvas)
    canvas.furnish_all(FURNITURE)
    scatter(canvas)
    return canvas


if __name__ == "__main__":
    (HERE / "town.json").write_text(town().to_json(), encoding="utf-8")
