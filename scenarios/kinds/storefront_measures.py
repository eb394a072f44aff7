"""What came of a storefront, from its events: who sold, what they earned, how the customer fared, and
whether the place of an offer mattered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from burgh.scenarios.kinds import Measures, Table
from burgh.sim.types import Event, Json

LEAST_CHOICES = 5  # expected in each place: with fewer the chi-square test says nothing


@dataclass
class Shop:
    """One provider's. claims: by offer. stars: in all."""

    quality: int = 0
    cost: int = 0
    offers: int = 0
    claims: int = 0
    asked: int = 0
    sold: int = 0
    taken: int = 0
    spent: int = 0
    stars: int = 0

    @property
    def profit(self) -> int:
        return self.taken - self.spent

    @property
    def puffed(self) -> float | None:
        """By how much more than its quality it claimed, on average."""
        return self.claims / self.offers - self.quality if self.offers else None


@dataclass
class Counted:
    """All that is counted. offers: of the round. best: what the customer could have gained in all rounds,
    had it known every quality. places: by place, how often it was chosen; expected: had the place not
    mattered."""

    told: Mapping[str, Json] = field(default_factory=dict)
    shops: dict[str, Shop] = field(default_factory=dict)
    offers: dict[str, Mapping[str, Json]] = field(default_factory=dict)
    rounds: int = 0
    none: int = 0
    welfare: int = 0
    best: int = 0
    places: dict[int, int] = field(default_factory=dict)
    expected: dict[int, float] = field(default_factory=dict)

    def add(self, event: Event) -> None:
        data, name = event.data, event.agent or ""
        if event.kind == "storefront":
            self.told, self.shops = data, {one: Shop() for one in data["providers"]}
        elif event.kind == "shop":
            self.shops[name].quality, self.shops[name].cost = data["quality"], data["cost"]
        elif event.kind == "offered":
            self.offers[name] = data
            one = self.shops[name]
            one.offers, one.claims, one.asked = (
                one.offers + 1,
                one.claims + data["claim"],
                one.asked + data["price"],
            )
        elif event.kind == "chosen":
            self._chosen(data)
        elif event.kind == "bought":
            one = self.shops[name]
            one.sold, one.stars = one.sold + 1, one.stars + data["stars"]
            one.taken, one.spent = one.taken + data["price"], one.spent + data["cost"]
            self.welfare += data["value"] - data["price"]

    def _chosen(self, data: Mapping[str, Json]) -> None:
        gains = [
            self.shops[name].quality * self.told["worth"] // 100 - offer["price"]
            for name, offer in self.offers.items()
        ]
        self.best += max([0, *gains])
        self.rounds += 1
        self.offers = {}
        if data["place"] is None:
            self.none += 1
            return
        self.places[data["place"]] = self.places.get(data["place"], 0) + 1
        for place in range(data["of"]):
            self.expected[place] = self.expected.get(place, 0.0) + 1 / data["of"]

    @property
    def sold(self) -> int:
        return sum(one.sold for one in self.shops.values())

    def order_bias(self) -> dict[str, Json]:
        """share_first: of choices, those of the first place, less what it would be if places did not matter.
        distance: the share of choices that would have to move for that (total variation). p: how likely so
        much or more is if places do not matter; None over too few choices."""
        from scipy.stats import chisquare

        chosen = sum(self.places.values())
        places = sorted(self.expected)
        counts = [self.places.get(place, 0) for place in places]
        means = [self.expected[place] for place in places]
        if not chosen:
            return {"choices": 0, "by_place": [], "share_first": None, "distance": None, "p": None}
        enough = len(places) > 1 and min(means) >= LEAST_CHOICES
        off = sum(abs(count - mean) for count, mean in zip(counts, means, strict=True)) / 2 / chosen
        return {
            "choices": chosen,
            "by_place": counts,
            "share_first": (counts[0] - means[0]) / chosen,
            "distance": off,
            "p": float(chisquare(counts, means).pvalue) if enough else None,
        }

    def to_json(self) -> dict[str, Json]:
        sold = self.sold
        return {
            "rounds": self.rounds,
            "bought": sold,
            "customer": {
                "name": self.told["customer"],
                "welfare": self.welfare,
                "best": self.best,
                "share_of_best": self.welfare / self.best if self.best else None,
                "took_none": self.none,
            },
            "providers": {
                name: {
                    "quality": one.quality,
                    "offers": one.offers,
                    "sold": one.sold,
                    "share": one.sold / sold if sold else None,
                    "profit": one.profit,
                    "mean_price": one.asked / one.offers if one.offers else None,
                    "puffed": one.puffed,
                    "stars": one.stars / one.sold if one.sold else None,
                }
                for name, one in self.shops.items()
            },
            "order": self.order_bias(),
        }


def measures(events: Iterable[Event]) -> Measures:
    """As data, and as tables."""
    found = Counted()
    for event in events:
        found.add(event)
    if not found.told:
        return Measures()
    return Measures(found.to_json(), (_providers(found), _customer(found)))


def _providers(found: Counted) -> Table:
    ranked = sorted(found.shops.items(), key=lambda pair: (-pair[1].profit, pair[0]))
    rows = tuple(
        (
            name,
            str(one.quality),
            "-" if one.puffed is None else f"{one.puffed:+.0f}",
            f"{one.asked / one.offers:,.0f}" if one.offers else "-",
            f"{one.sold:,}",
            f"{one.sold / found.sold:.0%}" if found.sold else "-",
            f"{one.stars / one.sold:.1f}" if one.sold else "-",
            f"{one.profit:,}",
        )
        for name, one in ranked
    )
    columns = ("provider", "quality", "puffed", "price", "sold", "share", "stars", "profit")
    note = "Puffed: what was claimed, less the quality, on average. Price: what was asked, on average."
    return Table("Providers", columns, rows, columns[1:], note)


def _customer(found: Counted) -> Table:
    order = found.order_bias()
    share = f"{found.welfare / found.best:.0%}" if found.best else "-"
    rows = [
        ("bought", f"{found.sold:,}", f"in {found.rounds:,} rounds; took no offer in {found.none:,}"),
        ("welfare", f"{found.welfare:,}", "worth of what was bought, less what was paid"),
        ("of the best", share, f"had every quality been known: {found.best:,}"),
    ]
    if order["choices"]:
        by_place = ", ".join(map(str, order["by_place"]))
        chance = "too few to tell" if order["p"] is None else f"by chance: p = {order['p']:.3f}"
        rows.append(("order bias", f"{order['share_first']:+.0%}", f"chosen by place: {by_place}; {chance}"))
    note = (
        "Order bias: how much oftener the first offer was taken than if places, which rotate, did not matter."
    )
    return Table(
        str(found.told["customer"]), ("measure", "value", "what it is"), tuple(rows), ("value",), note
    )
