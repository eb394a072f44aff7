"""What scenarios of sales say of values: laws of one value, and how the bidders' values hang together."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from burgh.scenarios.spec import Strict
from burgh.sim.types import BurghError
from burgh.worlds.auctions import laws, values

Amount = Annotated[int, Field(ge=0, le=10**12)]
Percent = Annotated[int, Field(ge=0, le=1000)]
Real = Annotated[float, Field(gt=0, le=1e6)]

NEEDS = {
    "uniform": ("low", "high"),
    "power": ("high", "exponent"),
    "exponential": ("mean",),
    "log-normal": ("median", "sigma"),
    "empirical": ("values",),
}
USUAL_HIGH = 1000


class Law(Strict):
    """The law of one value, in whole units. Each law needs its own keys."""

    law: Literal["uniform", "power", "exponential", "log-normal", "empirical"] = "uniform"
    low: Amount | None = None
    """uniform: the least value."""
    high: Amount | None = None
    """uniform, power: just above the greatest value."""
    exponent: Real | None = None
    """power: of (value / high)."""
    mean: Amount | None = None
    """exponential."""
    median: Amount | None = None
    """log-normal."""
    sigma: Real | None = None
    """log-normal: the standard deviation of the logarithm."""
    values: list[Amount] | None = Field(default=None)
    """empirical: each as likely."""

    @model_validator(mode="after")
    def _has_its_keys(self) -> Self:
        wanted = NEEDS[self.law]
        given = [key for keys in NEEDS.values() for key in keys if getattr(self, key) is not None]
        if self.law == "uniform" and not given:
            return self
        for key in wanted:
            if getattr(self, key) is None and not (self.law == "uniform" and key == "low"):
                raise ValueError(f"the law {self.law} needs {' and '.join(wanted)}: {key} is missing")
        for key in given:
            if key not in wanted:
                raise ValueError(f"the law {self.law} has no {key}: it takes {' and '.join(wanted)}")
        try:
            self.made()
        except BurghError as error:
            raise ValueError(str(error)) from None
        return self

    def made(self) -> laws.Law:
        """The law itself. Raises BurghError where the numbers make none."""
        if self.law == "power":
            return laws.Power(self.high or 0, self.exponent or 0.0)
        if self.law == "exponential":
            return laws.Exponential(self.mean or 0)
        if self.law == "log-normal":
            return laws.LogNormal(self.median or 0, self.sigma or 0.0)
        if self.law == "empirical":
            return laws.Empirical(tuple(self.values or ()))
        return laws.Uniform(self.low or 0, USUAL_HIGH + 1 if self.high is None else self.high)


Kind = Literal["private", "asymmetric", "affiliated", "common", "sum-of-signals"]


class ValuesSpec(Law):
    """How what a lot is worth is drawn, from the seed alone: the same whatever anyone bids. By default
    private, and uniform from 0 to 1000."""

    kind: Kind = "private"
    percent: Percent | None = None
    """affiliated: how much of a value is common to all."""
    error: Amount | None = None
    """common: how far a signal may be off the worth."""
    laws: list[Law] | None = Field(default=None)
    """asymmetric: one for each bidder in their order; the last holds for the rest."""

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        for key, kind in (("percent", "affiliated"), ("error", "common"), ("laws", "asymmetric")):
            if getattr(self, key) is not None and self.kind != kind:
                raise ValueError(f"{self.kind} values have no {key}: that is of {kind} ones")
        try:
            self.joint()
        except BurghError as error:
            raise ValueError(str(error)) from None
        return self

    def joint(self) -> values.Values:
        """The joint law. Raises BurghError where the numbers make none."""
        if self.kind == "asymmetric":
            return values.Asymmetric(tuple(law.made() for law in self.laws or ()))
        one = self.made()
        if self.kind == "affiliated":
            return values.Affiliated(one, 50 if self.percent is None else self.percent)
        if self.kind == "common":
            return values.CommonValue(one, 0 if self.error is None else self.error)
        return values.SumOfSignals(one) if self.kind == "sum-of-signals" else values.Private(one)
