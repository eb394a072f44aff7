"""The forms that bidders fill in, and what is wrong with an answer that does not fit them."""

from __future__ import annotations

from collections.abc import Mapping

from burgh.sim.spec import ActionSpec, Choice, Depends, Form, InvalidAnswer, Number
from burgh.sim.types import Json
from burgh.worlds.auctions.money import price_fault, round_up

PASS = "pass"
BID = "bid"
CLOSED = "the sale is closed"
IDLE = Form((("act", Choice("You are not asked now.", (PASS,))),))


def choice_form(question: str, *options: str) -> Form:
    """One of several acts."""
    return Form((("act", Choice(question, options)),))


def bid_form(question: str, least: int, most: int, step: int, acts: tuple[str, ...] = (PASS, BID)) -> Form:
    """To pass, or to act at a price from `least`, in multiples of `step`, to `most`.

    The acts are those without a price, then the one with it, which is left out where no price is possible.
    """
    first, last = round_up(max(least, 0), step), most // step * step
    if last < first:
        return choice_form(question, *acts[:-1])
    price = Number("At what price?", first, last, step)
    return Form((("act", Choice(question, acts)), ("price", Depends("act", {acts[-1]: price}))))


def bids_form(question: str, names: tuple[str, ...], most: int, step: int) -> Form:
    """To pass, or to name a price for each of several things; 0 bids nothing for one."""
    if most < step:
        return choice_form(question, PASS)
    price = Number("At what price?", 0, most // step * step, step)
    fields = ((name, Depends("act", {BID: price})) for name in names)
    return Form((("act", Choice(question, (PASS, BID))), *fields))


def fault_of(answer: Json, spec: ActionSpec) -> str:
    """What is wrong with an answer, in the words of the bidding house where a price is at fault; or ""."""
    try:
        spec.validate(answer)
    except InvalidAnswer as error:
        return _price_fault(answer, spec) or str(error)
    except (ArithmeticError, ValueError, TypeError):  # NaN, or what cannot be compared
        return _price_fault(answer, spec) or "not a legal answer"
    return _price_fault(answer, spec)


def _price_fault(answer: Json, spec: ActionSpec) -> str:
    if not isinstance(answer, Mapping) or not isinstance(spec, Form):
        return ""
    for name, field in spec.fields:
        limit = field.given(answer) if isinstance(field, Depends) else field
        if isinstance(limit, Number) and name in answer:
            least, most, step = int(limit.minimum), int(limit.maximum), int(limit.step)
            fault = price_fault(answer[name], least=least, most=most, step=step)
            if fault:
                return fault
    return ""
