"""An exchange at one moment, from the record alone: campaigns, how they are set, what they spent and won."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from burgh.sim.types import Event, Json
from burgh.sim.viewer.answers import setting_words
from burgh.sim.viewer.deals import period_words
from burgh.sim.viewer.fold import Handler, folded, with_entry

Told = tuple["TradeView", str]


@dataclass(frozen=True, slots=True)
class CampaignView:
    """spent, bids, won: by period. setting: as it is told, "pause" before anything is set."""

    name: str
    money: int = 0
    start_money: int = 0
    click_value: int = 0
    setting: str = "pause"
    clicks: int = 0
    spent: tuple[int, ...] = ()
    bids: tuple[int, ...] = ()
    won: tuple[int, ...] = ()

    @property
    def profit(self) -> int:
        return self.clicks * self.click_value - sum(self.spent)


@dataclass(frozen=True, slots=True)
class PeriodView:
    """market: the mean price of the market."""

    impressions: int
    sold: int
    revenue: int
    market: float
    floor: int


@dataclass(frozen=True, slots=True)
class TradeView:
    """All that is to be drawn of an exchange. of: how many periods the day has."""

    pricing: str = ""
    of: int = 0
    campaigns: Mapping[str, CampaignView] = field(default_factory=dict)
    periods: tuple[PeriodView, ...] = ()

    @property
    def is_there(self) -> bool:
        return bool(self.pricing)

    @property
    def revenue(self) -> int:
        return sum(one.revenue for one in self.periods)


NO_TRADE = TradeView()


def apply(trade: TradeView, event: Event) -> Told | None:
    """The exchange after an event, and a line to be told of it, or ""; None where it is none of its
    events."""
    begins = event.kind == "exchange"
    return folded(trade, event, _HANDLERS) if begins or trade.is_there else None


def _exchange(trade: TradeView, event: Event, data: Mapping[str, Json]) -> Told:
    campaigns = {name: CampaignView(name) for name in data["campaigns"]}
    told = f"{data['pricing']} exchange: {len(campaigns)} campaigns, {data['periods']} periods"
    return TradeView(str(data["pricing"]), int(data["periods"]), campaigns), told


def _with(trade: TradeView, name: str | None, **changes: Json) -> TradeView:
    return replace(trade, campaigns=with_entry(trade.campaigns, name, **changes))


def _budget(trade: TradeView, event: Event, data: Mapping[str, Json]) -> Told:
    money = int(data["money"])
    value = int(data.get("click_value", 0))
    return _with(trade, event.agent, money=money, start_money=money, click_value=value), ""


def _campaign(trade: TradeView, event: Event, data: Mapping[str, Json]) -> Told:
    setting = setting_words(data)
    was = trade.campaigns.get(event.agent or "")
    same = was is not None and was.setting.split(" ")[0].rstrip(",") == data["rule"]
    return _with(trade, event.agent, setting=setting), "" if same else f"{event.agent} bids: {setting}"


def _period(trade: TradeView, event: Event, data: Mapping[str, Json]) -> Told:
    came = int(data["impressions"])
    mean = data["market"] / came if came else 0.0
    one = PeriodView(came, int(data["sold"]), int(data["revenue"]), mean, int(data["floor"]))
    return replace(trade, periods=(*trade.periods, one)), period_words(data)


def _result(trade: TradeView, event: Event, data: Mapping[str, Json]) -> Told:
    was = trade.campaigns.get(event.agent or "")
    if was is None:
        return trade, ""
    after = _with(
        trade,
        event.agent,
        money=was.money - int(data["spent"]),
        clicks=was.clicks + int(data["clicks"]),
        spent=(*was.spent, int(data["spent"])),
        bids=(*was.bids, int(data["bids"])),
        won=(*was.won, int(data["won"])),
    )
    stopped = data["stopped"] is not None and was.money >= was.start_money // 100
    return after, f"the money of {event.agent} runs out" if stopped else ""


def _refused(trade: TradeView, event: Event, data: Mapping[str, Json]) -> Told:
    return trade, f"the setting of {event.agent} is void: {data['why']}"


_HANDLERS: Mapping[str, Handler[TradeView]] = {
    "exchange": _exchange,
    "budget": _budget,
    "campaign": _campaign,
    "period": _period,
    "result": _result,
    "bid_refused": _refused,
}


def table_of(trade: TradeView) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Columns and rows: each campaign as it stands."""
    rows: list[tuple[str, ...]] = []
    for one in trade.campaigns.values():
        bids, won = (one.bids[-1], one.won[-1]) if one.bids else (0, 0)
        share = f"{won / bids:.0%}" if bids else "-"
        rows.append((one.name, one.setting, share, f"{one.money:,}", f"{one.clicks:,}", f"{one.profit:,}"))
    return ("campaign", "bids", "won last", "purse", "clicks", "profit"), rows
