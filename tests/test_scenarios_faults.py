"""What is wrong with a scenario is said in one sentence, with file, line and key; nothing ever crashes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from scenario_texts import SMALL

from burgh.scenarios.load import ScenarioFaults, check_scenario, load_scenario, overridden
from burgh.scenarios.spec import Scenario
from burgh.scenarios.yaml import parse_yaml
from burgh.sim.types import BurghError, Json


def fault_of(text: str, **overrides: Json) -> str:
    with pytest.raises(BurghError) as caught:
        check_scenario(parse_yaml(text, "small.yaml"), overrides=overrides)
    return str(caught.value)


OAK = 'home: "Burgh : Oak Cottage : Bedroom"'


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "wishes",
            "wishs",
            "small.yaml:15: agents[0].wishs: there is no key 'wishs' here: did you mean 'wishes'?",
        ),
        ("seed: 3", "zzz: 3", "small.yaml:5: zzz: there is no key 'zzz' here: known are name, description, "),
        (
            "weights: {r",
            "weights: {x: 1, r",
            "retrieval.weights.x: there is no key 'x' here: known are recency",
        ),
        ("seed: 3", "seed: three", "small.yaml:5: seed: 'three' is not a whole number"),
        ("seed: 3", "seed: yes", "small.yaml:5: seed: 'yes' is not a whole number"),
        ("age: 34", "age: 34\n    age: 35", "small.yaml:10: agents[0].age is written twice, first in line 9"),
        (OAK, OAK.replace("Bedroom", "Bedrom"), "the nearest name is 'Burgh : Oak Cottage : Bedroom'"),
        (OAK, OAK.replace(" : Bedroom", ""), "'Burgh : Oak Cottage' is a building: name one of its rooms"),
        (OAK, OAK.replace('"', ""), "small.yaml:11: a second ': ' in one line"),
        (f"    {OAK}\n", "", "small.yaml:8: agents[0].home: this is missing"),
        ("name: Ben", "name: mira", "small.yaml:28: agents[1].name: agents[0] is called 'Mira' too"),
        ("name: Ben", "name: world", "'world' is not a name"),
        (
            "Ben: thinks",
            "Bem: thinks",
            "agents[0].relations.Bem: there is no agent 'Bem': did you mean 'Ben'?",
        ),
        ("Ben: thinks", "Mira: thinks", "'Mira' is this agent itself"),
        (
            'until: "09:00"',
            "until: 06:59",
            "small.yaml:4: until: the end, 2026-05-04 06:59, does not come after",
        ),
        ('until: "09:00"', "until: nine", "'nine' is not a time of day"),
        ("2026-05-04 07:00", "2026-02-30 07:00", "small.yaml:3: start: '2026-02-30 07:00' is not a date"),
        ("to: Mira", "to: Myra", "happenings[0].to: there is no agent 'Myra': did you mean 'Mira'?"),
        (
            "speaker: the crier",
            "speaker: ben",
            "'ben' is an agent: news comes from a voice that is none of them",
        ),
        ("fact: market", "fact: markt", "there is no fact 'markt': did you mean 'market'?"),
        ('{at: "07:30", speaker', '{at: "06:30", speaker', "06:30 is not after the start at 07:00"),
        ('at: "08:30"', "at: 7:10", "small.yaml:21: agents[0].day: 07:10 does not come after 07:30"),
        (
            "doing: [fetching water]",
            "doing: []",
            "small.yaml:27: agents[0].day[1].choices[1].doing: this is empty",
        ),
        (
            "doing: [fetching water]",
            "do: []",
            "there is no key 'do' here: known are place, doing (run `burgh scenarios check small.yaml` for",
        ),
        (
            ", doing: [baking bread, kneading dough]",
            "",
            "small.yaml:22: agents[0].day[0]: this needs either 'place' and",
        ),
        (
            '"Burgh : Market Square", doing',
            '"Burgh : Market Sqare", doing',
            "agents[0].day[1].choices[1].place: there is no",
        ),
        (
            "fact: gate",
            "fact: gat",
            "small.yaml:20: agents[0].memories[1].fact: there is no fact 'gat': did you mean",
        ),
        (
            "say: I have",
            "sya: I have",
            "agents[0].memories[1].sya: there is no key 'sya' here: did you mean 'say'?",
        ),
        ("- The oven was mended last week.", "- 3", "agents[0].memories[0]: 3 is not a"),
        ('"#5a3a22"', "brown", "agents[0].look.hair: 'brown' is not a colour"),
        (
            "decay: 0.99",
            "decay: 1.5",
            "retrieval.decay: 1.5 is refused: it should be less than or equal to 1",
        ),
        (
            "model: scripted",
            "model: smolm2-135m",
            "small.yaml:6: model: no language model is called 'smolm2-135m': did you mean 'smollm2-135m'?",
        ),
        ("seed: 3", "language: de", "'de' is not read here: known are en"),
        (
            "decay: 0.99",
            "query: hide",
            "'hide' is not read here: known are plain, rewritten, imagined",
        ),
        (
            "recency: 1, importance: 2.5",
            "recency: 0, importance: 0, relevance: 0, words: 0, names: 0",
            "retrieval.weights: all are 0",
        ),
        ("seed: 3", "world: {map: vilage}", "there is no map 'vilage': did you mean 'village'?"),
        ("seed: 3", "world: {map: no.json}", "world.map: the map no.json cannot be read"),
        ('{at: "07:30", speaker', '{at: "07:00", speaker', "07:00 is not after the start at 07:00"),
        ('"Burgh : Bakery : Shop"', '"Burgh : Bakery : Shap"', "agents[0].work: there is no place"),
        ("age: 41", "age: *x", "small.yaml:29: aliases are not read"),
        ("age: 41", "age: !!python/name:os.system x", "the tag 'tag:yaml.org,2002:python/name:os.system'"),
        ("age: 41", "age: !!int x", "'x' is no int"),
        ("job: smith", 'job: "a\\ud800b"', "the character U+D800 may not stand in a text"),
        ("job: smith", 'job: "a\\0b"', "the character U+0000 may not stand in a text"),
        ("job: smith", "job: ' '", "agents[1].job: this is empty"),
        ("job: smith", f"job: {'x' * 501}", "should have at most 500 characters"),
        ("traits: [patient", "traits: [3", "agents[0].traits[0]: 3 is not a text"),
        ("market:\n", "Mark et:\n", "facts.Mark et: 'Mark et' is not a key of small letters"),
        ("agents:", "others: []\nagents: 3\nx:", "(run `burgh scenarios check small.yaml` for all)"),
    ],
)
def test_a_fault_is_one_sentence_with_file_line_and_key(old: str, new: str, said: str) -> None:
    assert old in SMALL
    sentence = fault_of(SMALL.replace(old, new, 1))
    assert said in sentence
    assert sentence.startswith("small.yaml:")
    assert "\n" not in sentence


AUCTION = """\
auction:
  at: "08:00"
  place: "Burgh : Market Square"
  auctioneer: Hugo
  reserve: 2
  lots: [{item: a coil of rope, usual: 8, owner: Ben}, {item: a ham, usual: 5, start: 3}]
"""


def test_an_auction_that_is_right_is_read() -> None:
    check_scenario(parse_yaml(SMALL + AUCTION, "small.yaml"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("usual: 8", "usuall: 8", "lots[0].usuall: there is no key 'usuall' here: did you mean 'usual'?"),
        ("usual: 5, ", "", "lots[1].usual: this is missing"),
        ("usual: 8", "usual: 0", "lots[0].usual: 0 is refused: it should be greater than or equal to 1"),
        ("start: 3", "start: -3", "lots[1].start: -3 is refused: it should be greater than or equal to 0"),
        ("start: 3", "start: 2.5", "lots[1].start: 2.5 is not a whole number"),
        ("item: a ham", 'item: ""', "lots[1].item: this is empty"),
        (
            "item: a ham",
            f"item: {'x' * 61}",
            f"lots[1].item: '{'x' * 55}...' is refused: it should have at most 60 characters",
        ),
        ("owner: Ben", "owner: Bem", "lots[0].owner: there is no agent 'Bem': did you mean 'Ben'?"),
        ("reserve: 2", "reserve: two", "reserve: 'two' is not a whole number"),
        ("reserve: 2", "least_raise: 0", "least_raise: 0 is refused"),
        ("reserve: 2", "calls: 0", "calls: 0 is refused"),
        ("reserve: 2", "day: 0", "day: 0 is refused"),
        ("auctioneer: Hugo", "auctioneer: mira", "auctioneer: 'mira' is an agent: the auctioneer is a voice"),
        ('at: "08:00"\n  place', 'at: "06:59"\n  place', "at: 06:59 is not after the start at 07:00"),
        ('at: "08:00"\n  place', 'at: "07:00"\n  place', "at: 07:00 is not after the start at 07:00"),
        ('at: "08:00"\n  place', "at: noon\n  place", "at: 'noon' is not a time of day"),
        ('Square"\n  auct', 'Sqare"\n  auct', "place: there is no place 'Burgh : Market Sqare'"),
        ('  place: "Burgh : Market Square"\n  auct', "  auct", "place: this is missing"),
        (AUCTION[AUCTION.index("  lots") :], "  lots: []\n", "lots: this is empty"),
        (AUCTION[AUCTION.index("  lots") :], "", "lots: this is missing"),
    ],
)
def test_what_is_wrong_with_an_auction_is_told_with_line_and_key(old: str, new: str, said: str) -> None:
    assert old in AUCTION
    sentence = fault_of(SMALL + AUCTION.replace(old, new, 1))
    assert sentence.startswith("small.yaml:") and "\n" not in sentence
    assert f"auction.{said}" in sentence


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ('"09:30"', "auction.at: the auction at 2026-05-04 09:30 is not before the end at 2026-05-04 09:00"),
        ('"09:00"', "auction.at: the auction at 2026-05-04 09:00 is not before the end at 2026-05-04 09:00"),
        ('"08:00"\n  day: 2', "auction.day: the auction at 2026-05-05 08:00 is not before the end at"),
    ],
)
def test_an_auction_that_would_open_after_the_end_is_refused(tmp_path: Path, when: str, said: str) -> None:
    path = tmp_path / "late.yaml"
    path.write_text(SMALL + AUCTION.replace('"08:00"', when), encoding="utf-8")
    with pytest.raises(ScenarioFaults) as caught:
        load_scenario(path)
    assert str(caught.value).startswith(str(path)) and said in str(caught.value)
    load_scenario(path, {"until": "2026-05-05 09:00"})


def test_one_may_run_the_beginning_without_the_auction(tmp_path: Path) -> None:
    path = tmp_path / "early.yaml"
    path.write_text(SMALL + AUCTION, encoding="utf-8")
    overridden(load_scenario(path, {"until": "07:30"}), {"seed": 4})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "s.yaml: this file is empty"),
        ("- a", "a list is not a scenario"),
        ("{", "s.yaml:1: this is not YAML"),
        ("a: 1\n---\nb: 2", "s.yaml:2: this is not YAML: but found another document"),
        ("? [a]\n: b", "s.yaml:1: a key must be a plain text"),
        ("a: \x07", "s.yaml:1: the character U+0007 may not stand here"),
        ("[" * 5_000, "nested too deeply"),
        ("{a: " * 300 + "1" + "}" * 300, "agents: this is missing"),
    ],
)
def test_what_is_not_even_a_mapping(text: str, said: str) -> None:
    with pytest.raises(BurghError, match=r"^s\.yaml") as caught:
        check_scenario(parse_yaml(text, "s.yaml"))
    assert said in str(caught.value) or "for all)" in str(caught.value)


def test_all_faults_are_told_an_unknown_key_before_what_is_missing_beside_it() -> None:
    text = (
        SMALL.replace("job: baker", "jobb: baker")
        .replace("fact: market", "fact: markt")
        .replace("to: Mira", "to: Myra")
    )
    assert "jobb" in text
    with pytest.raises(ScenarioFaults) as caught:
        check_scenario(parse_yaml(text, "small.yaml"))
    unknown, missing = caught.value.said
    assert unknown.endswith("agents[0].jobb: there is no key 'jobb' here: did you mean 'job'?")
    assert missing == "small.yaml:8: agents[0].job: this is missing"
    assert str(caught.value) == f"{unknown} (run `burgh scenarios check small.yaml` for all)"
    with pytest.raises(ScenarioFaults) as caught:
        check_scenario(
            parse_yaml(text.replace("jobb", "job").replace(OAK, OAK.replace("Bedroom", "Bed")), "small.yaml")
        )
    assert len(caught.value.said) == 3
    assert [said.split(": ")[1] for said in caught.value.said] == [
        "agents[0].home",
        "happenings[0].to",
        "happenings[0].fact",
    ]


def test_an_override_is_blamed_by_its_option() -> None:
    assert fault_of(SMALL, until="06:00").startswith(
        "--until: the end, 2026-05-04 06:00, does not come after"
    )
    assert fault_of(SMALL, seed=-1).startswith("--seed: -1 is refused")


@pytest.mark.parametrize("name", ["market-dya", "nowhere/x.yaml", "x\0.yaml", "."])
def test_an_unknown_scenario(name: str) -> None:
    with pytest.raises(BurghError, match=r"there is no scenario|cannot be read|not the name of a file"):
        load_scenario(name)


def test_files_that_are_no_text(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("name: x\ndescription: Müller\n".encode("latin-1"))
    with pytest.raises(BurghError, match=r"latin\.yaml:2: this is not UTF-8 text"):
        load_scenario(latin)
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * 1_000_001)
    with pytest.raises(BurghError, match="larger than"):
        load_scenario(large)
    with pytest.raises(BurghError, match="cannot be read: Is a directory"):
        load_scenario(tmp_path)


def assert_whole_or_told(text: str) -> None:
    """A scenario is read whole and round-trips, or is refused in one line."""
    try:
        scenario = check_scenario(parse_yaml(text, "fuzz.yaml"))
    except BurghError as error:
        assert str(error).startswith("fuzz.yaml")
        assert "\n" not in str(error)
    else:
        again = Scenario.from_resolved(json.loads(json.dumps(scenario.resolved())))
        assert again.hash == scenario.hash
        assert scenario.until_tick > 0


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80) | st.text(alphabet="abc:-[]{}&*!|>'\"%@#? \n\t0189.,~", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    assert_whole_or_told(text)


TOKENS = [
    "",
    " ",
    "\n",
    ": ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    "'",
    '"',
    "&a ",
    "*a",
    "!!int ",
    "~",
    "null",
    "-1",
    "1e9",
]
TOKENS += [
    "99999999999999999999",
    ".nan",
    "07:30",
    "2026-05-04 07:00",
    "Mira",
    "Ben",
    "\t",
    "# ",
    "|\n",
    "\u0085",
    "名",
]


@st.composite
def spoilt(draw: DrawFn) -> str:
    text = SMALL
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 30)))
        text = text[:start] + draw(st.sampled_from(TOKENS) | st.text(max_size=3)) + text[end:]
    return text


@settings(max_examples=150, deadline=None)
@given(spoilt())
def test_any_spoilt_scenario_is_read_or_refused(text: str) -> None:
    assert_whole_or_told(text)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.dates()
    | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def changed(draw: DrawFn) -> str:
    """The small scenario with one part, anywhere, replaced by anything."""
    data: Json = yaml.safe_load(SMALL)
    part = data
    while True:
        keys = list(part) if isinstance(part, dict) else range(len(part))
        key = draw(st.sampled_from(list(keys)))
        if draw(st.booleans()) or not part[key] or not isinstance(part[key], dict | list):
            part[key] = draw(VALUES)
            return yaml.safe_dump(data, allow_unicode=draw(st.booleans()))
        part = part[key]


@settings(max_examples=150, deadline=None)
@given(changed())
def test_any_changed_part_is_read_or_refused(text: str) -> None:
    assert_whole_or_told(text)
