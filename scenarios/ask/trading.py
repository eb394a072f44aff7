"""Events of auctions, exchanges and storefronts in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from burgh.scenarios.ask.past import Past
from burgh.scenarios.ask.sentence import Telling, coins, told_gains
from burgh.sim.types import Event
from burgh.sim.viewer.answers import answer_words, setting_words
from burgh.sim.viewer.deals import choice_words, found_words, offer_words

Teller = Callable[[Past, Event, Event | None], Telling]


def sells(past: Past, agent: str) -> bool:
    """Whether somebody is a seller of the sale that is on."""
    begun = [event for event in past.events if event.kind == "auction"]
    return bool(begun) and agent in begun[-1].data.get("sellers", ())


def _auction(past: Past, event: Event, parent: Event | None) -> Telling:
    lots = len(event.data["lots"])
    return Telling(f"an auction of {lots} {'lot' if lots == 1 else 'lots'} begins")


def _purse(past: Past, event: Event, parent: Event | None) -> Telling:
    return Telling(f"{event.agent} has {coins(event.data['money'])} at the start")


def _lot_opened(past: Past, event: Event, parent: Event | None) -> Telling:
    least = f", from {coins(event.data['reserve'])}" if event.data["reserve"] else ""
    return Telling(f"{event.data['item']} is put up for sale{least}")


def _price(past: Past, event: Event, parent: Event | None) -> Telling:
    leads = f"{event.agent} leads with" if event.agent else "the price is"
    return Telling(f"{leads} {coins(event.data['price'])}")


def _bid(past: Past, event: Event, parent: Event | None) -> Telling:
    data = event.data
    if event.kind == "passed":
        return Telling(f"{event.agent} passes")
    verb = "asks" if data.get("side") == "sell" else "bids"
    if data.get("act", "bid") == "bid" and isinstance(data.get("price"), int):
        return Telling(f"{event.agent} {verb} {coins(data['price'])}")
    if data.get("act") == "accept":
        return Telling(f"{event.agent} accepts {coins(data['offer'])}")
    if data.get("act") in ("take", "stay"):
        verb = "takes it at" if data["act"] == "take" else "stays at"
        return Telling(f"{event.agent} {verb} {coins(data['price'])}")
    named = {name: price for name, price in data.items() if name not in ("lot", "round", "side", "game")}
    return Telling(f"{event.agent} {answer_words(named).replace('bid', 'bids', 1) or 'bids'}")


def _refused(past: Past, event: Event, parent: Event | None) -> Telling:
    return Telling(f"the bid of {event.agent} is void: {event.data['why']}")


def _book(past: Past, event: Event, parent: Event | None) -> Telling:
    best = [f"{side[:-1]} {coins(event.data[side][0][0])}" for side in ("bids", "asks") if event.data[side]]
    return Telling(f"the order book: {', '.join(f'best {one}' for one in best) or 'empty'}")


def _sold(past: Past, event: Event, parent: Event | None) -> Telling:
    many = f"{event.data['quantity']} of " if event.data.get("quantity", 1) > 1 else ""
    price = coins(event.data["price"])
    return Telling(f"{event.agent} buys {many}{event.data['item']} for {price}")


def _unsold(past: Past, event: Event, parent: Event | None) -> Telling:
    return Telling(f"nobody buys {event.data['item']}")


def _paid(past: Past, event: Event, parent: Event | None) -> Telling:
    data = event.data
    return Telling(f"{data['from']} pays {data['to']} {coins(data['amount'])} ({data['for']})")


def _closed(past: Past, event: Event, parent: Event | None) -> Telling:
    opened = [
        one.data["item"]
        for one in past.events
        if one.kind == "lot_opened" and one.tick <= event.tick and one.data["lot"] == event.data["lot"]
    ]
    return Telling(f"the sale of {opened[-1] if opened else 'the lot'} is over")


def _staked(past: Past, event: Event, parent: Event | None) -> Telling:
    data = event.data
    most = f", {coins(data['most'])}" if "most" in data else ""
    worth = f"{event.agent} would pay {data['percent']}% of what {data['item']} is worth{most}"
    return Telling(worth, tuple(_wanting(past, event)))


def _wanting(past: Past, event: Event) -> Iterator[str]:
    """By how many nats its wishes and memories made each thing likelier to be what it buys."""
    asked = [
        one.data
        for one in past.of_agent(event.agent or "", "model")
        if one.tick == event.tick and one.data["purpose"] == "wanting"
    ]
    if len(asked) == 2:  # with them, and about anybody
        yield f"as this agent rather than anybody, in nats: {told_gains(*asked)}"


def _believed(past: Past, event: Event, parent: Event | None) -> Telling:
    data = event.data
    if "belief" in data:
        return Telling(f"{event.agent} believes: “{data['belief'].strip()}”")
    return Telling(f"{event.agent} believes of the others", tuple(data["beliefs"]))


def _sale_plan(past: Past, event: Event, parent: Event | None) -> Telling:
    verb = "plans" if event.data["changed"] == "first" else "plans anew"
    wants = (f"{lot['item']}: {lot['priority']}" for lot in event.data["lots"])
    return Telling(f"{event.agent} {verb} what it wants", ("; ".join(wants),))


def _campaign(past: Past, event: Event, parent: Event | None) -> Telling:
    return Telling(f"the campaign of {event.agent} is set: {setting_words(event.data)}")


def _result(past: Past, event: Event, parent: Event | None) -> Telling:
    data = event.data
    won = f"wins {data['won']:,} of {data['bids']:,} impressions for {data['spent']:,}"
    return Telling(f"{event.agent} {won}, with {data['clicks']:,} clicks")


def _period(past: Past, event: Event, parent: Event | None) -> Telling:
    data = event.data
    return Telling(f"{data['impressions']:,} impressions come, {data['sold']:,} go to campaigns")


def _offered(past: Past, event: Event, parent: Event | None) -> Telling:
    return Telling(offer_words(event.agent or "", event.data))


def _shown(past: Past, event: Event, parent: Event | None) -> Telling:
    return Telling(f"{event.agent} is shown the offers of {', '.join(event.data['order']) or 'nobody'}")


def _chosen(past: Past, event: Event, parent: Event | None) -> Telling:
    return Telling(choice_words(event.agent or "", event.data))


def _bought(past: Past, event: Event, parent: Event | None) -> Telling:
    data = event.data
    return Telling(f"what {event.agent} sold for {data['price']:,} has {found_words(data)}")


TRADES: Mapping[str, Teller] = {
    "auction": _auction,
    "purse": _purse,
    "lot_opened": _lot_opened,
    "price": _price,
    "bid": _bid,
    "passed": _bid,
    "bid_refused": _refused,
    "book": _book,
    "sold": _sold,
    "unsold": _unsold,
    "paid": _paid,
    "closed": _closed,
    "staked": _staked,
    "believed": _believed,
    "sale_plan": _sale_plan,
    "campaign": _campaign,
    "result": _result,
    "period": _period,
    "offered": _offered,
    "shown": _shown,
    "chosen": _chosen,
    "bought": _bought,
}
