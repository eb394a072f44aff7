"""ActionSpec: what it validates, writes and reads, and that its grammar accepts exactly that."""

from __future__ import annotations

import random
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llm_for_tests import tiny_tokenizer

from burgh.agents.llm.encoding import Encoder
from burgh.agents.llm.grammar import Grammars
from burgh.sim.pattern import Pattern
from burgh.sim.rng import stream
from burgh.sim.spec import (
    ActionSpec,
    Choice,
    Depends,
    Form,
    InvalidAnswer,
    Number,
    Text,
    ToolCall,
    clean_text,
)

VOCABULARY = 320
LONGEST_WALK = 4000

# Any text that can be written at all: quotes, backslashes, line ends and other scripts included.
ANY_TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
NAMES = st.one_of(st.sampled_from(["act", "price", "to whom", "wörter", 'a"b']), ANY_TEXT)


@cache
def grammars() -> Grammars:
    return Grammars(Encoder(tiny_tokenizer(), [0]), VOCABULARY)


def choices() -> st.SearchStrategy[Choice]:
    return st.lists(ANY_TEXT, min_size=1, max_size=5, unique=True).map(
        lambda options: Choice("?", tuple(options))
    )


@st.composite
def numbers(draw: st.DrawFn) -> Number:
    kind = draw(st.sampled_from(["whole", "cents", "long", "odd"]))
    if kind == "whole":
        least = draw(st.integers(-500, 500))
        return Number("?", least, least + draw(st.integers(0, 900)), draw(st.integers(1, 7)))
    if kind == "cents":
        lowest = draw(st.integers(-200, 200)) / 4
        return Number(
            "?", lowest, lowest + draw(st.integers(0, 50)), draw(st.sampled_from([25, 50, 5])) / 100
        )
    if kind == "long":
        step = draw(st.sampled_from([1, 5, 100]))
        least = draw(st.integers(-(10**6), 10**6)) * step
        return Number("?", least, least + draw(st.integers(20_000, 10**8)) * step, step)
    return Number("?", draw(st.integers(-9, 9)), draw(st.integers(10, 99)), draw(st.integers(1, 30)))


def texts() -> st.SearchStrategy[Text]:
    return st.builds(Text, st.just("?"), st.integers(1, 20), st.booleans())


def patterns() -> st.SearchStrategy[Pattern]:
    """Expressions of all that one may hold."""
    signs = [
        "a",
        r"\d",
        r"\w",
        r"\s",
        r"\S",
        "é",
        r"\.",
        "-",
        "/",
        "[^a-f,]",
        "[x-z#&~|^]",
        ".",
        r"[\d-]",
        r"\[",
        "#",
    ]
    inner = st.recursive(
        st.sampled_from(signs),
        lambda one: st.one_of(
            st.builds("{}{}".format, one, one),
            st.builds("({}|{})".format, one, one),
            st.builds("(?:{}){{{},{}}}".format, one, st.integers(0, 2), st.integers(2, 4)),
            st.builds("({})?".format, one),
        ),
        max_leaves=5,
    )
    return inner.map(lambda expression: Pattern("?", f"{expression}b?c"))


def scalars() -> st.SearchStrategy[ActionSpec]:
    return st.one_of(choices(), numbers(), texts(), patterns())


@st.composite
def forms(draw: st.DrawFn, depth: int = 1) -> Form:
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    inner = st.one_of(scalars(), forms(depth=depth - 1), tool_calls(depth=depth - 1)) if depth else scalars()
    fields: list[tuple[str, ActionSpec | Depends]] = []
    for name in names:
        earlier = [(other, spec) for other, spec in fields if isinstance(spec, Choice)]
        depends = draw(st.booleans())
        if earlier and depends:
            on, control = earlier[draw(st.integers(0, len(earlier) - 1))]
            cases = draw(
                st.dictionaries(st.sampled_from(control.options), st.one_of(st.none(), inner), max_size=3)
            )
            fields.append((name, Depends(on, cases, draw(st.one_of(st.none(), inner)))))
        else:
            fields.append((name, draw(inner)))
    return Form(tuple(fields))


@st.composite
def tool_calls(draw: st.DrawFn, depth: int = 1) -> ToolCall:
    tools = draw(st.dictionaries(NAMES, forms(depth=min(depth, 0) or 0), min_size=1, max_size=3))
    return ToolCall(tools)


def specs() -> st.SearchStrategy[ActionSpec]:
    return st.one_of(scalars(), forms(), tool_calls())


def accepts(spec: ActionSpec, text: str) -> bool:
    """Whether the grammar takes the text, token by token, as a whole answer."""
    matcher = grammars().matcher(spec)
    for token in tiny_tokenizer_tokens(text):
        if matcher.over or not matcher.allowed(VOCABULARY)[token]:
            return False
        matcher.take(token)
    return matcher.complete


@cache
def encoder() -> Encoder:
    return Encoder(tiny_tokenizer(), [0])


def tiny_tokenizer_tokens(text: str) -> tuple[int, ...]:
    return encoder().tokens(text)


def walk(spec: ActionSpec, rng: random.Random) -> str:
    """A text that the grammar allows, drawn token by token; it ends where it may and chance will."""
    matcher = grammars().matcher(spec)
    tokens: list[int] = []
    while len(tokens) < LONGEST_WALK and not matcher.over:
        allowed = [int(token) for token in matcher.allowed(VOCABULARY).nonzero()[0]]
        closing = [token for token in grammars().closing if token in allowed]
        token = rng.choice(closing if closing and rng.random() < 0.3 else allowed)
        if token in encoder().ends:
            break
        tokens.append(token)
        matcher.take(token)
        if matcher.complete and rng.random() < 0.1:
            break
    assert matcher.complete
    return encoder().text(tokens)


@settings(max_examples=150, deadline=None)
@given(specs(), st.integers(0, 2**32))
def test_what_is_sampled_is_legal_and_reads_back(spec: ActionSpec, seed: int) -> None:
    answer = spec.sample(stream(seed, "test"))
    spec.validate(answer)
    assert spec.parse(spec.write(answer)) == answer


@settings(max_examples=150, deadline=None)
@given(specs(), st.integers(0, 2**32))
def test_the_grammar_accepts_what_is_written(spec: ActionSpec, seed: int) -> None:
    assert accepts(spec, spec.write(spec.sample(stream(seed, "test"))))


@settings(max_examples=150, deadline=None)
@given(specs(), st.integers(0, 2**32))
def test_whatever_the_grammar_allows_is_legal(spec: ActionSpec, seed: int) -> None:
    text = walk(spec, stream(seed, "walk"))
    answer = spec.parse(text)
    assert spec.write(answer) == text


@pytest.mark.parametrize(
    "spec", [Number("?", -1, 19_999), Number("?", 0, 30_000), Number("?", -30_000, -4, 2)]
)
def test_no_number_has_two_written_forms(spec: Number) -> None:
    for written, legal in (("-0", False), ("0", spec.minimum <= 0 <= spec.maximum), ("00", False)):
        assert accepts(spec, written) == legal


@settings(max_examples=60, deadline=None)
@given(numbers(), st.integers(0, 2**32))
def test_the_grammar_refuses_numbers_that_are_not_legal(spec: Number, seed: int) -> None:
    rng = stream(seed, "test")
    near = spec.sample(rng) + rng.choice((-1, 1)) * rng.choice((0.01, 1, spec.step / 2, spec.maximum + 1))
    try:
        written = spec.write(near)
    except InvalidAnswer:
        written = format(Decimal(str(near)), "f")  # all its digits: rounded, it may be legal
        assert not accepts(spec, written.rstrip("0").rstrip(".") if "." in written else written)
    else:
        assert accepts(spec, written)


def bid() -> Form:
    return Form(
        (
            ("act", Choice("what do you do?", ("pass", "bid"))),
            ("price", Depends("act", {"bid": Number("at what price?", 10, 95, 5)})),
            ("words", Text("what do you say?", 10, may_be_empty=True)),
        )
    )


@pytest.mark.parametrize(
    ("spec", "answer", "sentence"),
    [
        (Choice("bid?", ("pass", "10")), "15", "'15' is not one of 'pass', '10'"),
        (Number("bid?", 0, 80, 5), 200000000000, "200000000000 is not from 0 to 80"),
        (Number("bid?", 0, 80, 5), 7, "7 is not 0 plus a multiple of 5"),
        (Number("bid?", 0, 80), True, "True is not a number"),
        (Number("bid?", 0, 80), "many", "'many' is not a number"),
        (Number("bid?", 0, 80), float("nan"), "nan is not from 0 to 80"),
        (Text("say?", 5), "", "an empty text does not answer 'say?'"),
        (Text("say?", 1), "much too long", "a text of 13 characters is over the limit of 8"),
        (Text("say?", 5), 'a "word"', "the character '\"' may not stand in a text"),
        (Pattern("when?", r"\d\d:[0-5]\d"), "7:30", r"'7:30' is not of the form \d\d:[0-5]\d"),
        (Pattern("when?", r"\d\d:[0-5]\d"), "07:30\n", r"'07:30\n' is not of the form \d\d:[0-5]\d"),
        (Pattern("who?", r"..."), 'a"b', "'a\"b' is not of the form ..."),
        (Pattern("who?", r"\w"), 7, "7 is not a text"),
        (Text("say?", 5), "two\nlines", "the character '\\n' may not stand in a text"),
        (bid(), {"act": "bid", "words": ""}, "the field 'price' is missing"),
        (bid(), {"act": "pass", "price": 10, "words": ""}, "there is no field 'price' here: act, words"),
        (bid(), {"act": "bid", "price": 12, "words": ""}, "price: 12 is not 10 plus a multiple of 5"),
        (bid(), "bid", "'bid' is not a form with fields"),
        (
            ToolCall({"sum": bid()}),
            {"tool": "product", "arguments": {}},
            "'product' is not one of the tools 'sum'",
        ),
        (
            ToolCall({"sum": bid()}),
            {"tool": "sum", "arguments": {"act": "sell", "words": ""}},
            "sum: act: 'sell' is not one of 'pass', 'bid'",
        ),
    ],
)
def test_an_illegal_answer_is_told_what_would_be_right(spec: ActionSpec, answer: Any, sentence: str) -> None:
    with pytest.raises(InvalidAnswer) as caught:
        spec.validate(answer)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    "answer", [["pass"], {"a": 1}, None, 3, {"act": ["bid"], "words": ""}, {"tool": ["sum"], "arguments": {}}]
)
@pytest.mark.parametrize(
    "spec",
    [Choice("?", ("pass", "bid")), bid(), ToolCall({"sum": bid()}), Text("?", 3), Pattern("?", r"\w{2}")],
)
def test_an_answer_of_a_wrong_kind_is_refused_and_not_a_crash(spec: ActionSpec, answer: Any) -> None:
    with pytest.raises(InvalidAnswer):
        spec.validate(answer)


def test_forms_are_written_as_json_with_one_spacing() -> None:
    assert bid().write({"act": "bid", "price": 15, "words": "mine"}) == (
        '{"act": "bid", "price": 15, "words": "mine"}'
    )
    assert not accepts(bid(), '{"act":"bid","price":15,"words":"mine"}')


@pytest.mark.parametrize("text", ["1e999999999", "-1e999999999", "nan", "Infinity", "", "1 2", "0x10", "81"])
def test_a_text_that_is_no_number_in_range_is_refused(text: str) -> None:
    with pytest.raises(InvalidAnswer):
        Number("?", 0, 80).parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"act": ' + "9" * 5000 + "}",
        "{",
        "[]",
        '{"act": "bid"}',
        '{"act": "bid", "price": 1e1, "words": NaN}',
    ],
)
def test_a_text_that_is_no_answer_is_refused(text: str) -> None:
    with pytest.raises(InvalidAnswer):
        bid().parse(text)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Choice("?", ()),
        lambda: Choice("?", ("a", "a")),
        lambda: Number("?", 5, 4),
        lambda: Number("?", 0, 1, 0),
        lambda: Number("?", 0.5, 10**9, 0.01),
        lambda: Form((("a", Text("?", 3)), ("b", Depends("a", {})))),
        lambda: Form((("a", Text("?", 3)), ("a", Text("?", 3)))),
        lambda: ToolCall({}),
        lambda: Pattern("?", "(a"),
        lambda: Pattern("?", "a+"),
        lambda: Pattern("?", "[a-z]{3,}"),
        lambda: Pattern("?", "^a$"),
        lambda: Pattern("?", r"(a)\1"),
        lambda: Pattern("?", "(?=a)a"),
        lambda: Pattern("?", "(?i)a"),
        lambda: Pattern("?", "(?i:a)"),
        lambda: Pattern("?", '["]'),
        lambda: Pattern("?", "(a{9,99}){9,99}"),
        lambda: Pattern("?", "a{1,99999999999999999999}"),
    ],
)
def test_a_spec_that_makes_no_sense_is_refused(make: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        make()


@given(st.text(max_size=200), st.integers(1, 10))
def test_a_cleaned_text_is_legal(text: str, max_tokens: int) -> None:
    spec = Text("?", max_tokens, may_be_empty=True)
    cleaned = clean_text(text, spec.max_chars)
    spec.validate(cleaned)
    assert clean_text(cleaned, spec.max_chars) == cleaned


def test_cleaning_cuts_at_a_word() -> None:
    assert clean_text('He said: "come to\tthe market"', 20) == "He said: come to the"
