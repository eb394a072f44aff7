"""Other minds for a scenario's agents, given from outside: `truthful`, or one each: `llm,rule,shade:60`."""

from __future__ import annotations

from collections.abc import Sequence

from burgh.scenarios.kinds import Roles, kind_of
from burgh.scenarios.load import overridden
from burgh.scenarios.nearest import suggest
from burgh.scenarios.spec import Basis
from burgh.sim.types import BurghError, Json

SHADE = "shade"
PERSON = "person"  # the kind of mind that asks a person


def with_minds(scenario: Basis, kinds: str | None) -> Basis:
    """The scenario with minds of these kinds: one for all who can have it, or one for each agent in order.

    Raises BurghError for a number of kinds that fits neither, and as `overridden` for an unknown one.
    """
    if kinds is None:
        return scenario
    said = [kind.strip() for kind in kinds.split(",")]
    if len(said) not in (1, len(scenario.agents)):
        raise BurghError(
            f"--minds: {len(said)} kinds for {len(scenario.agents)} agents: name one, or one for each"
        )
    data = scenario.resolved()
    if "mind" not in data:
        raise BurghError(f"--minds: the minds of a scenario of {scenario.world.kind} have no kinds")
    taking = [True] * len(scenario.agents)
    if len(said) == 1:
        taking = _taking(scenario, said[0])
        said *= len(scenario.agents)
    agents = [
        {**agent, "mind": _mind(kind)} if takes else agent
        for agent, kind, takes in zip(data["agents"], said, taking, strict=True)
    ]
    try:
        return overridden(scenario, {"agents": agents})
    except BurghError as error:
        raise BurghError(str(error).replace("--agents", "--minds", 1)) from None


def _taking(scenario: Basis, said: str) -> list[bool]:
    """Which agents a kind that is named for all is for: where roles have kinds of their own, those that have
    it; all, where none does, so that this is told."""
    kind, name = kind_of(scenario), str(_mind(said)["kind"])
    taking = [not isinstance(kind, Roles) or kind.takes(agent, name) for agent in scenario.agents]
    return taking if any(taking) else [True] * len(taking)


def players(scenario: Basis) -> tuple[str, ...]:
    """The agents whose seats persons have."""
    usual = getattr(getattr(scenario, "mind", None), "kind", None)
    return tuple(
        agent.name
        for agent in scenario.agents
        if (getattr(getattr(agent, "mind", None), "kind", None) or usual) == PERSON
    )


def with_players(scenario: Basis, names: Sequence[str]) -> Basis:
    """The scenario in which persons have the seats of these agents. Raises BurghError for an unknown one."""
    if not names:
        return scenario
    known = [agent.name for agent in scenario.agents]
    for name in names:
        if name not in known:
            raise BurghError(f"--play: there is no agent {name!r}: {suggest(name, known)}")
    data = scenario.resolved()
    agents = [
        {**agent, "mind": {"kind": PERSON}} if agent["name"] in names else agent for agent in data["agents"]
    ]
    try:
        return overridden(scenario, {"agents": agents})
    except BurghError as error:
        if repr(PERSON) not in str(error):
            raise
        where = scenario.world.kind
        raise BurghError(f"--play: in a scenario of kind {where} a person can take no seat") from None


def _mind(kind: str) -> dict[str, Json]:
    name, colon, percent = kind.partition(":")
    if not colon:
        return {"kind": name}
    if name != SHADE or not (percent.isascii() and percent.isdigit()):
        raise BurghError(f"--minds: {kind!r} is no kind: write a name as in truthful, or {SHADE}:60")
    return {"kind": name, "percent": int(percent)}
