"""A storefront at one moment, from the record alone: the offers, what was chosen, how everyone fares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from burgh.sim.types import Event, Json
from burgh.sim.viewer.deals import choice_words, found_words, offer_words
from burgh.sim.viewer.fold import Handler, folded, with_entry

Told = tuple["ShopView", str]


@dataclass(frozen=True, slots=True)
class Offer:
    name: str
    price: int
    claim: int
    words: str


@dataclass(frozen=True, slots=True)
class ProviderView:
    """profits: by round, in all so far. stars: in all."""

    name: str
    quality: int = 0
    money: int = 0
    sold: int = 0
    stars: int = 0
    profit: int = 0
    profits: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ShopView:
    """offers: of the round, in the order in which they are shown once they are. chosen: whose offer was
    taken, "" for none so far. found: what the last purchase turned out to be. gains: the customer's, by
    round, in all so far."""

    customer: str = ""
    of: int = 0
    round: int = 0
    money: int = 0
    start_money: int = 0
    welfare: int = 0
    gains: tuple[int, ...] = ()
    providers: Mapping[str, ProviderView] = field(default_factory=dict)
    offers: tuple[Offer, ...] = ()
    chosen: str = ""
    over: bool = False
    found: str = ""

    @property
    def is_there(self) -> bool:
        return bool(self.customer)


NO_SHOP = ShopView()


def apply(shop: ShopView, event: Event) -> Told | None:
    """The storefront after an event, and a line to be told of it, or ""; None where it is none of its
    events."""
    begins = event.kind == "storefront"
    return folded(shop, event, _HANDLERS) if begins or shop.is_there else None


def _storefront(shop: ShopView, event: Event, data: Mapping[str, Json]) -> Told:
    providers = {name: ProviderView(name) for name in data["providers"]}
    told = f"{len(providers)} providers, and {data['customer']} who chooses, {data['rounds']} times"
    return ShopView(str(data["customer"]), int(data["rounds"]), providers=providers), told


def _with(shop: ShopView, name: str | None, **changes: Json) -> ShopView:
    return replace(shop, providers=with_entry(shop.providers, name, **changes))


def _shop(shop: ShopView, event: Event, data: Mapping[str, Json]) -> Told:
    return _with(shop, event.agent, quality=int(data["quality"]), money=int(data["money"])), ""


def _budget(shop: ShopView, event: Event, data: Mapping[str, Json]) -> Told:
    money = int(data["money"])
    return replace(shop, money=money, start_money=money), ""


def _offered(shop: ShopView, event: Event, data: Mapping[str, Json]) -> Told:
    number = int(data["round"])
    fresh = () if number != shop.round or shop.over else shop.offers
    offer = Offer(event.agent or "", int(data["price"]), int(data["claim"]), str(data["words"]))
    after = replace(shop, round=number, offers=(*fresh, offer), chosen="", over=False, found="")
    return after, offer_words(offer.name, data)


def _shown(shop: ShopView, event: Event, data: Mapping[str, Json]) -> Told:
    by_name = {offer.name: offer for offer in shop.offers}
    return replace(shop, offers=tuple(by_name[name] for name in data["order"] if name in by_name)), ""


def _chosen(shop: ShopView, event: Event, data: Mapping[str, Json]) -> Told:
    name = str(data["provider"] or "")
    profits = {who: replace(one, profits=(*one.profits, one.profit)) for who, one in shop.providers.items()}
    after = replace(shop, chosen=name, over=True, providers=profits, gains=(*shop.gains, shop.welfare))
    return after, choice_words(event.agent or "", data)


def _bought(shop: ShopView, event: Event, data: Mapping[str, Json]) -> Told:
    name, price = event.agent or "", int(data["price"])
    was = shop.providers[name]
    earned = price - int(data["cost"])
    after = _with(
        shop,
        name,
        money=was.money + earned,
        sold=was.sold + 1,
        stars=was.stars + int(data["stars"]),
        profit=was.profit + earned,
        profits=(*was.profits[:-1], was.profit + earned),
    )
    welfare = shop.welfare + int(data["value"]) - price
    found = found_words(data)
    after = replace(
        after, money=shop.money - price, welfare=welfare, found=found, gains=(*shop.gains[:-1], welfare)
    )
    return after, f"what {shop.customer} bought for {price:,} has {found}"


def _refused(shop: ShopView, event: Event, data: Mapping[str, Json]) -> Told:
    return shop, f"the answer of {event.agent} is void: {data['why']}"


_HANDLERS: Mapping[str, Handler[ShopView]] = {
    "storefront": _storefront,
    "shop": _shop,
    "budget": _budget,
    "offered": _offered,
    "shown": _shown,
    "chosen": _chosen,
    "bought": _bought,
    "bid_refused": _refused,
}


def table_of(shop: ShopView) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Columns and rows: each provider as it stands."""
    asked = {offer.name: offer for offer in shop.offers}
    rows: list[tuple[str, ...]] = []
    for one in shop.providers.values():
        offer = asked.get(one.name)
        price, claim = ("-", "-") if offer is None else (f"{offer.price:,}", str(offer.claim))
        stars = f"{one.stars / one.sold:.1f}" if one.sold else "-"
        rows.append((one.name, str(one.quality), claim, price, f"{one.sold:,}", stars, f"{one.profit:,}"))
    return ("provider", "quality", "claims", "asks", "sold", "stars", "profit"), rows
