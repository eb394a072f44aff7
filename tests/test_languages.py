"""Languages: every prompt in all of them, towns that speak them, wording checked where no spaces are set."""

from __future__ import annotations

import re
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest
from jinja2 import meta
from runs_for_tests import recorded

from burgh.agents.clocktimes import number_of, times_in
from burgh.agents.languages import n_words, stands_in
from burgh.agents.places import mentioned
from burgh.agents.prompts import environment_of, phrases
from burgh.agents.when import day_of, in_words_of
from burgh.agents.wording import keeps_to, matters, shared, whole_sentences, without
from burgh.memory.words import EAST_ASIAN
from burgh.scenarios.load import load_scenario, load_town
from burgh.scenarios.town import town_map
from burgh.sim.record.reader import open_log
from burgh.sim.types import BurghError
from burgh.worlds.town.texts import table

PROMPTS = Path(str(files("burgh.agents") / "prompts"))
LANGUAGES = sorted(path.name for path in PROMPTS.iterdir() if path.is_dir() and len(path.name) == 2)
OTHERS = [language for language in LANGUAGES if language != "en"]
NAMES = sorted(path.name for path in (PROMPTS / "en").iterdir())
KEYED = ("acts.txt", "sentences.txt")  # whose keys are the same, whatever the language
OWN_LENGTH = {  # words of the language itself: how many there are is its own affair
    "asking.txt",
    "bedrooms.txt",
    "claims.txt",
    "cues.txt",
    "days.txt",
    "firstperson.txt",
    "guarded.txt",
    "small.txt",
    "things.txt",
}
NEWS = "今天上午十一点集市广场有集市。"


def faults(there: Path, here: Path) -> list[str]:
    """What a language lacks, or has otherwise than English. there: its folder; here: the English one."""
    found = []
    for name in sorted({path.name for path in (*there.iterdir(), *here.iterdir())}):
        if not (there / name).is_file() or not (here / name).is_file():
            found.append(f"{name} is only in one")
            continue
        texts = [(folder / name).read_text(encoding="utf-8") for folder in (there, here)]
        if name.endswith(".j2"):
            theirs, ours = (
                meta.find_undeclared_variables(environment_of("en").parse(text)) for text in texts
            )
            blocks = [re.findall(r"block (\w+)", text) for text in texts]
            if theirs != ours or blocks[0] != blocks[1]:
                found.append(f"{name} uses {sorted(theirs ^ ours)} in one only, or other blocks")
            continue
        theirs_, ours_ = (
            [line for line in text.splitlines() if line and not line.startswith("#")] for text in texts
        )
        if name not in OWN_LENGTH and len(theirs_) != len(ours_):
            found.append(f"{name} has {len(theirs_)} lines, not {len(ours_)}")
        if name in KEYED:
            for one, other in zip(sorted(theirs_), sorted(ours_), strict=False):
                key, braces = one.split(": ")[0], set(re.findall(r"\{\w+\}", one))
                if key != other.split(": ")[0] or braces != set(re.findall(r"\{\w+\}", other)):
                    found.append(f"{name}: {one!r} for {other!r}")
    return found


@pytest.mark.parametrize("language", OTHERS)
def test_every_prompt_and_list_is_there_in_each_language(language: str) -> None:
    assert faults(PROMPTS / language, PROMPTS / "en") == []


def test_a_prompt_that_a_language_lacks_or_fills_otherwise_is_found(tmp_path: Path) -> None:
    for language in ("xx", "en"):
        (tmp_path / language).mkdir()
        (tmp_path / language / "a.j2").write_text("{% block prefix %}{% endblock %}{{ name }}")
        (tmp_path / language / "b.txt").write_text("# words\none\ntwo\n")
    there, here = tmp_path / "xx", tmp_path / "en"
    assert faults(there, here) == []
    (there / "a.j2").write_text("{% block prefix %}{% endblock %}{{ job }}")
    (there / "b.txt").write_text("one\n")
    (here / "c.j2").write_text("")
    assert [one.split()[0] for one in faults(there, here)] == ["a.j2", "b.txt", "c.j2"]


@pytest.mark.parametrize("language", OTHERS)
def test_a_town_has_every_sentence_in_each_language(language: str) -> None:
    english, theirs = table("en"), table(language)
    assert set(theirs) == set(english)
    assert all(re.search(f"[{EAST_ASIAN}]", text.replace("{", "")) or "{" in text for text in theirs.values())


@pytest.mark.parametrize(
    ("text", "times"),
    [
        (NEWS, ("11:00",)),
        ("11点见", ("11:00",)),
        ("11:00 和 9:30", ("11:00", "9:30")),
        ("下午两点三刻", ("14:45",)),
        ("晚上8:30", ("20:30",)),
        ("上午11：00", ("11:00",)),
        ("二十三点零五分", ("23:05",)),
        ("中午十二点半", ("12:30",)),
        ("早一点来，有一点累", ()),
        ("他今年三十岁", ()),
        ("二十五点", ()),
    ],
)
def test_times_of_day_in_chinese(text: str, times: tuple[str, ...]) -> None:
    assert times_in(text) == times


def test_numbers_up_to_99() -> None:
    tens = "一二三四五六七八九"
    for number in range(1, 100):
        ten, one = divmod(number, 10)
        spoken = ("" if ten < 2 else tens[ten - 1]) + ("十" if ten else "") + (tens[one - 1] if one else "")
        assert number_of(spoken) == number
    assert number_of("十十") is None


def test_other_days_in_chinese() -> None:
    monday, tuesday = date(2026, 5, 4), date(2026, 5, 5)
    assert day_of("明天十一点有集市", monday, "zh") == tuesday
    assert day_of("后天有集市", monday, "zh") == date(2026, 5, 6)
    assert day_of("星期三有集市", monday, "zh") == date(2026, 5, 6)
    assert day_of("下个月有集市", monday, "zh") is None
    assert in_words_of("明天十一点有集市。", monday, tuesday, "zh") == "今天十一点有集市。"


def test_wording_is_checked_without_spaces() -> None:
    guarded = phrases("guarded", "zh")
    assert keeps_to(NEWS, "今天十一点广场上有集市！", guarded)
    assert keeps_to(NEWS, "今天11:00广场上有集市！", guarded)
    assert not keeps_to(NEWS, "今天十二点广场上有集市！", guarded)
    assert not keeps_to(NEWS, "明天十一点广场上有集市！", guarded)
    assert not keeps_to(NEWS, "今天十一点广场没有集市！", guarded)
    assert not keeps_to(NEWS, "今天十一点广场有三个集市！", guarded)
    assert shared(NEWS, NEWS) == 1 and shared(NEWS, "牛生了小牛。") == 0
    assert 0.3 < shared(NEWS, "十一点广场上有集市。") < 1
    assert whole_sentences("，快来吧！集市开了。走") == ["快来吧！", "快来吧！集市开了。"]
    assert matters("王秀兰卖包子", ("王秀兰",)) == {"卖包", "包子"}
    assert without(("小雨", "林小雨"), "林小雨来了", "他") == "他来了"
    assert stands_in("王秀兰", "我看见王秀兰走了") and not stands_in("Ann", "Anna 走了")
    assert n_words(" kneading dough") == 2 and n_words("卖包子") == 2 and n_words("") == 1


def test_places_in_chinese_news() -> None:
    paths = ("柏村 : 集市广场", "柏村 : 面点铺 : 店堂", "柏村 : 学堂 : 教室")
    assert mentioned(paths, "广场上有集市") == ["柏村 : 集市广场"]
    assert mentioned(paths, "点心在学堂") == ["柏村 : 学堂 : 教室"]


def test_the_village_is_called_in_chinese() -> None:
    tree = town_map(load_town("jishi", {})).tree
    named = [*tree.places, *tree.objects]
    assert not [path for path in named if re.search("[A-Za-z]", path)]
    assert tree.places["柏村 : 面点铺 : 店堂"].phrase == "在面点铺店堂"
    assert {item.kind for item in tree.objects.values()} >= {"oven", "well"}


def test_only_towns_speak_chinese(tmp_path: Path) -> None:
    text = (files("burgh.scenarios") / "library" / "sealed-bids.yaml").read_text(encoding="utf-8")
    path = tmp_path / "sale.yaml"
    path.write_text(text.replace("\nstart:", "\nlanguage: zh\nstart:", 1), encoding="utf-8")
    with pytest.raises(BurghError, match="only towns speak zh"):
        load_scenario(str(path))


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """jishi until 08:30 on the scripted model; its embedder takes long, so by the one that is quick."""
    folder = tmp_path_factory.mktemp("jishi") / "run"
    recorded(load_town("jishi", {"model": "scripted", "embedder": "minilm-l6", "until": "08:30"}), folder)
    return folder


def test_news_goes_from_one_villager_to_others_in_chinese(morning: Path) -> None:
    events = list(open_log(morning).events())
    said = [event for event in events if event.kind == "said"]
    assert said[0].data["speaker"] == "更夫" and said[0].data["to"] == "林小雨"
    tellers = [one.agent for one in said if one.data["fact"] == "jishi" and one.agent]
    assert "林小雨" in tellers and len(set(tellers)) >= 2
    assert any("十一点集市广场有集市" in one.data["words"] for one in said[1:])
    visits = [
        entry
        for event in events
        if event.kind == "planned" and event.data["changed"] == "revised"
        for entry in event.data["entries"]
        if entry["start"] == "11:00" and entry["place"] == "柏村 : 集市广场"
    ]
    assert visits


def test_what_chinese_villagers_remember_and_are_asked_has_no_english(morning: Path) -> None:
    events = list(open_log(morning).events())
    texts = {event.data["text"] for event in events if event.kind == "memory"}
    texts |= {event.data["suffix"] for event in events if event.kind == "model"}
    texts |= {option for event in events if event.kind == "model" for option in event.data.get("options", ())}
    assert len(texts) > 100 and not [
        text for text in texts if re.search(f"[{EAST_ASIAN}] [{EAST_ASIAN}]", text)
    ]
    assert sorted(text for text in texts if re.search("[A-Za-z]", text)) == []
