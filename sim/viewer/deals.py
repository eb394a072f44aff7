"""What is dealt in a storefront and an exchange, in words: beside the hall and in the list of events."""

from __future__ import annotations

from collections.abc import Mapping

from burgh.sim.types import Json

Data = Mapping[str, Json]


def offer_words(agent: str, data: Data) -> str:
    return f"{agent} asks {data['price']:,}, claims {data['claim']}: “{data['words']}”"


def choice_words(agent: str, data: Data) -> str:
    name = data["provider"]
    return f"{agent} takes the offer of {name}" if name else f"{agent} takes no offer"


def found_words(data: Data) -> str:
    """How good a thing that was bought turned out to be."""
    return f"quality {data['quality']} of 100, worth {data['value']:,}: {data['stars']} of 5 stars"


def period_words(data: Data) -> str:
    told = f"{data['impressions']:,} impressions: {data['sold']:,} go to campaigns"
    return f"{told}, for {data['revenue']:,}"
