"""What providers and the customer answer."""

from __future__ import annotations

from collections.abc import Sequence

from burgh.sim.spec import Choice, Depends, Form, Number, Text

REST, PITCH, NONE = "rest", "pitch", "none"
BEST = 100  # of quality, and of what may be claimed
WORDS_TOKENS = 40
WAIT = Form((("act", Choice("You are not asked now.", (REST,))),))


def pitch_form(least: int, most: int) -> Form:
    """To rest, or to pitch an offer: a price, a quality that is claimed (in tens), and words."""
    if most < least:
        return WAIT
    pitch = {
        "price": Number("At what price?", least, most),
        "claim": Number("What quality do you claim, of 100?", 0, BEST, 10),
        "words": Text("What do you say of it?", WORDS_TOKENS),
    }
    fields = ((name, Depends("act", {PITCH: spec})) for name, spec in pitch.items())
    return Form((("act", Choice("Do you pitch an offer?", (REST, PITCH))), *fields))


def choice_form(names: Sequence[str]) -> Form:
    """To choose one of the offers, by the provider's name, in the order in which they are shown, or none."""
    return Form((("offer", Choice("Whose offer do you take?", (*names, NONE))),))
