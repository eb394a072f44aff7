"""The command line: what it writes, its exit codes, and a fault as one sentence."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from scenario_texts import SMALL

from burgh.scenarios.cli import main as cli
from burgh.sim.command import burgh_command


class Said(NamedTuple):
    code: int
    out: str
    err: str


Ask = Callable[..., Said]


@pytest.fixture
def burgh(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Runs a command in this process."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(shutil, "which", lambda name: f"bin/{name}")

    def ask(*arguments: object) -> Said:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Said(int(ended.value.code or 0), captured.out, captured.err)

    return ask


def process(*arguments: object, **more: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "burgh", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, **more)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `runs/small` is a scripted run of the small scenario, to 07:50."""
    home = tmp_path_factory.mktemp("home")
    (home / "small.yaml").write_text(SMALL)
    done = process("run", "small.yaml", "--until", "07:50", "--out", "runs/small", cwd=home)
    assert done.returncode == 0, done.stderr
    assert "07:30  the crier to Mira: “A market opens at eleven!”" in done.stdout
    assert re.search(r"Mira +07:30 +the crier", done.stdout)
    assert "1 of 2 knew" in done.stdout
    assert "Ended at 07:50. The run is in runs/small" in done.stdout
    return home


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rnu"], "there is no command 'rnu': did you mean 'run'?"),
        (["scenarios", "lst"], "there is no command 'lst': did you mean 'list'?"),
        (["zzz"], "there is no command 'zzz': known are "),
        (["run", "--sed", "3"], "No such option: --sed"),
        (["run", "market-dya"], "there is no scenario 'market-dya': did you mean 'market-day'?"),
        (["run", "--until", "06:00"], "--until: the end, 2026-05-04 06:00, does not come after the start"),
        (["run", "--until", "nine"], "--until: 'nine' is not a time of day"),
        (["run", "--seed", "-1"], "--seed: -1 is refused"),
        (["run", "--seed", "x"], "Invalid value for '--seed'"),
        (["run", "--out", "-"], "--out -: a run needs a folder"),
        (["fork", "small", "--at", "07:10", "--out", "-"], "--out -: a run needs a folder"),
        (["ablate", "market-day", "--out", "-"], "--out -: a run needs a folder"),
        (["run", "--ticks", "0"], "Invalid value for '--ticks'"),
        (["run", "--ticks", "3", "--until", "08:00"], "--until and --ticks both name the end"),
        (
            ["run", "--model", "scriptd", "--out", "new"],
            "--model: no language model is called 'scriptd': did you mean 'scripted'?",
        ),
        (["run", "--ticks", "30000000000"], "end after the year 9999"),
        (["run", "--model", "scripted", "--out", "x" * 300], "xxx: File name too long"),
        (["run", "x" * 5_000], "xxx': known are auction-house, "),
        (["run", "--until", "x y " * 1_500], "is not a time of day"),
        (["show", "x" * 5_000], "xxx: File name too long"),
        (["scenarios", "check", "no.yaml"], "no.yaml cannot be read: No such file or directory"),
        (["scenarios", "show", "x"], "there is no scenario 'x': known are auction-house, "),
        (
            ["models", "path", "smollm"],
            "no packaged weights are called 'smollm' (did you mean 'smollm2-135m'?)",
        ),
        (["show", "nowhere"], "there is no run 'nowhere': looked in ./runs, where there are none"),
        (["verify", "."], ". is not the folder of a run"),
        (["watch", "nowhere"], "there is no run 'nowhere'"),
        (["runs", "nowhere"], "nowhere cannot be read: No such file or directory"),
    ],
)
def test_a_fault_is_one_sentence_and_exit_code_2(
    burgh: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = burgh(*arguments)
    assert code == 2
    assert out == ""
    assert said in err.splitlines()[-1]
    assert err.splitlines()[-1].startswith("burgh: ")
    assert len(err.splitlines()[-1]) < 1_010
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_version_and_help(burgh: Ask) -> None:
    assert burgh("--version").out == "burgh 0.1.0\n"
    help_page = burgh("--help")
    assert help_page.code == 0
    for command in ("run", "watch", "runs", "show", "verify", "replay", "scenarios", "models"):
        assert f" {command} " in help_page.out
    assert "schema" in burgh("scenarios").out


def test_scenarios(burgh: Ask, tmp_path: Path) -> None:
    listed = burgh("scenarios", "list").out
    assert "market-day" in listed
    assert "quiet-room" in listed
    assert {one["name"] for one in json.loads(burgh("scenarios", "list", "--json").out)} >= {"market-day"}
    copy = tmp_path / "copy.yaml"
    copy.write_text(burgh("scenarios", "show", "market-day").out)
    assert "is right: 6 agents on the map village" in burgh("scenarios", "check", copy).out
    assert json.loads(burgh("scenarios", "check", copy, "--json").out)["name"] == "market-day"
    assert json.loads(burgh("scenarios", "schema").out)["title"] == "burgh scenario"
    copy.write_text(copy.read_text().replace("seed:", "sed:"))
    assert "there is no key 'sed' here: did you mean 'seed'?" in burgh("scenarios", "check", copy).err
    copy.write_text(copy.read_text().replace("\nstart:", "\nstrat:"))
    code, _, err = burgh("scenarios", "check", copy)
    assert code == 2
    assert [line.split(": ")[2] for line in err.splitlines()] == ["strat", "sed", "start"]
    assert all(re.match(rf"burgh: {copy}:\d+: ", line) for line in err.splitlines())
    assert f"(run `burgh scenarios check {copy}` for all)" in burgh("run", copy, "--out", tmp_path / "no").err


def test_models(burgh: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BURGH_HOME", str(tmp_path))
    listed = burgh("models", "list").out
    assert "not here: burgh models pull smollm2-135m" in listed
    assert [one["here"] for one in json.loads(burgh("models", "list", "--json").out)] == [False] * 3
    said = burgh("models", "path", "minilm-l6")
    assert (said.code, said.out) == (2, "")
    assert "run `burgh models pull minilm-l6` while online" in said.err
    (tmp_path / "models" / "minilm-l6").mkdir(parents=True)
    assert burgh("models", "path", "minilm-l6").code == 2, "an empty folder is none of weights"
    for name in ("model.safetensors", "config.json", "tokenizer.json"):
        (tmp_path / "models" / "minilm-l6" / name).touch()
    assert burgh("models", "path", "minilm-l6").out.strip() == str(tmp_path / "models" / "minilm-l6")


@pytest.mark.model
def test_a_run_is_listed_verified_replayed_and_shown(
    burgh: Ask, recorded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(recorded)
    (one,) = json.loads(burgh("runs", "--json").out)
    assert (one["run"], one["scenario"], one["model"], one["seed"]) == (
        "small",
        "two-at-the-well",
        "scripted",
        3,
    )
    assert "ended (end)" in burgh("runs").out
    verified = burgh("verify", "small")
    assert verified.code == 0
    assert f"final hash {one['final_hash']}" in verified.out
    assert "all as they were written" in verified.out
    assert json.loads(burgh("verify", "last", "--json").out)["final_hash"] == one["final_hash"]
    replayed = json.loads(burgh("replay", "small", "--json").out)
    assert replayed["ok"]
    assert replayed["ticks"] > 10
    town = burgh("show", "small", "--at", "07:40").out
    assert "two-at-the-well, seed 3: Monday 07:40, tick 240 of 300 ticks" in town
    assert "Mira" in town
    assert "A market opens at eleven!" in town
    mira = burgh("show", "small", "--agent", "Mira").out
    assert "Mira, Bakery : Kitchen" in mira
    assert "Plan of the day" in mira
    assert "The oven was mended last week." in burgh("show", "small", "--agent", "Mira", "--tick", 0).out
    plain = json.loads(burgh("show", "small", "--agent", "Mira", "--json").out)
    assert plain["memories"][0]["id"].startswith("Mira:")


@pytest.mark.model
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "small", "--agent", "Mia"], "there is no agent 'Mia' in this run: did you mean 'Mira'?"),
        (
            ["show", "small", "--at", "07:51"],
            "07:51 is not in runs/small: it goes from 07:00 to 07:50, tick 300",
        ),
        (["show", "small", "--at", "06:00"], "06:00 is not in runs/small"),
        (["show", "small", "--tick", "301"], "tick 301 is not in runs/small"),
        (["show", "small", "--tick", "1", "--at", "07:30"], "--tick and --at both name a moment"),
        (["show", "smal"], "there is no run 'smal' in ./runs: did you mean 'small'?"),
        (["watch", "small", "--at", "07:30"], "name its file with --shot FILE.png"),
        (["watch", "small", "--shot", "x.png", "--size", "9"], "--size '9' is not a size"),
        (["watch", "small", "--shot", "x.jpg"], "x.jpg does not end in .png"),
        (["watch", "small", "--shot", "no/x.png"], "the picture no/x.png cannot be written"),
        (["watch", "small", "--shot", "x.png", "--agent", "Bne"], "did you mean Ben"),
        (
            ["run", "small.yaml", "--out", "runs/small"],
            "runs/small already holds a run: name a new or an empty folder",
        ),
    ],
)
def test_faults_with_a_run(
    burgh: Ask, recorded: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(recorded)
    code, _, err = burgh(*arguments)
    assert code == 2
    assert said in err.splitlines()[-1]


def test_one_bad_folder_hides_no_run(
    burgh: Ask, recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("bare", "closed"):
        shutil.copytree(recorded / "runs" / "small", tmp_path / name)
    (tmp_path / "bare" / "run.yaml").unlink()
    stat = Path.stat

    def refuse(path: Path, **more: Any) -> os.stat_result:  # root may look into every folder
        if path.parent.name == "closed":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return stat(path, **more)

    monkeypatch.setattr(Path, "stat", refuse)
    states = {run["run"]: run["state"] for run in json.loads(burgh("runs", tmp_path, "--json").out)}
    assert set(states) == {"bare", "closed"}
    assert all(state.startswith("cannot be read: ") for state in states.values())


@pytest.mark.model
def test_a_changed_record_is_named_and_not_replayed_in_silence(
    burgh: Ask, recorded: Path, tmp_path: Path
) -> None:
    harmed = tmp_path / "harmed"
    shutil.copytree(recorded / "runs" / "small", harmed)
    log = harmed / "events.jsonl.zst"
    raw = bytearray(log.read_bytes())
    raw[len(raw) // 2] ^= 1
    log.write_bytes(raw)
    said = burgh("verify", harmed)
    assert said.code == 2
    assert "is not as it was written" in said.err
    told = burgh("verify", harmed, "--json")
    assert (told.code, json.loads(told.out)["ok"]) == (2, False)
    log.write_bytes(b"this is no record")
    assert burgh("show", harmed).code == 2
    listed = burgh("runs", tmp_path)
    assert listed.code == 0
    assert "cannot be read" in listed.out


@pytest.mark.model
def test_a_picture_is_drawn_without_a_screen(
    burgh: Ask, recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(recorded)
    picture = tmp_path / "picture.png"
    assert burgh("watch", "small", "--shot", picture, "--at", "07:40", "--size", "400x300").code == 0
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.model
def test_without_a_display_a_window_is_refused_before_the_run(recorded: Path, tmp_path: Path) -> None:
    bare = {key: value for key, value in os.environ.items() if key not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    bare.pop("SDL_VIDEODRIVER", None)
    for arguments in (["watch", "runs/small"], ["run", "small.yaml", "--watch", "--out", "other"]):
        done = process(*arguments, cwd=recorded, env=bare)
        assert done.returncode == 2
        assert "no window can be opened" in done.stderr
    assert not (recorded / "other").exists()


@pytest.mark.parametrize("window", [[], ["--watch"]])
def test_ctrl_c_stops_loading_at_once_and_leaves_nothing(
    burgh: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, window: list[str]
) -> None:
    leave = threading.Event()

    def load_long(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        while not leave.wait(0.01):
            pass

    monkeypatch.setattr("burgh.scenarios.run.build", load_long)
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.chdir(tmp_path)
    patience = threading.Timer(20, leave.set)
    patience.start()
    said = burgh("run", "market-day", *window)
    assert not leave.is_set()
    assert "run" not in {thread.name for thread in threading.enumerate()}
    patience.cancel()
    assert (said.code, said.out) == (130, "")
    assert "loading the model" in said.err
    assert list(tmp_path.iterdir()) == []


def test_the_speed_told_is_of_tokens_that_are_computed() -> None:
    from burgh.agents.llm.accounts import Cost
    from burgh.scenarios.cli.run import computed

    cost = Cost(calls=2, tokens_in=5_400, tokens_cached=5_340, tokens_out=20, seconds=2.0)
    assert computed(cost) == 80


@pytest.mark.model
def test_ctrl_c_ends_the_tick_and_the_record(recorded: Path) -> None:
    command = [sys.executable, "-u", "-m", "burgh", "run", "small.yaml", "--out", "stopped"]
    with subprocess.Popen(command, cwd=recorded, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        first = run.stdout.readline()
        run.send_signal(signal.SIGINT)
        rest = run.stdout.read()
    assert run.returncode == 0, first + rest
    assert "Stopped at 0" in rest
    assert rest.count("burgh resume stopped") == 1, "and how to go on is said"
    done = process("verify", "stopped", "--json", cwd=recorded)
    verdict = json.loads(done.stdout)
    assert verdict["ok"]
    assert verdict["complete"]
    assert json.loads(process("replay", "stopped", "--json", cwd=recorded).stdout)["ok"]


@pytest.mark.model
def test_ctrl_c_closes_the_window_and_the_record(recorded: Path) -> None:
    dummy = {**os.environ, "SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}
    command = [sys.executable, "-u", "-m", "burgh", "run", "small.yaml", "--watch", "--out", "seen"]
    with subprocess.Popen(command, cwd=recorded, stdout=subprocess.PIPE, text=True, env=dummy) as run:
        assert run.stdout is not None
        first = run.stdout.readline()
        time.sleep(2)  # the window opens now
        run.send_signal(signal.SIGINT)
        rest = run.stdout.read()
    assert run.returncode == 0, first + rest
    assert "Stopped at 07:0" in rest, "it goes by the window's pace from the first tick on"
    assert json.loads(process("verify", "seen", "--json", cwd=recorded).stdout)["complete"]


@pytest.mark.model
def test_equal_seeds_give_equal_hashes_and_json_tells_all(recorded: Path) -> None:
    outcomes = [
        json.loads(process("run", "small.yaml", "--ticks", 200, "--out", name, "--json", cwd=recorded).stdout)
        for name in ("one", "two")
    ]
    assert outcomes[0]["final_hash"] == outcomes[1]["final_hash"]
    assert outcomes[0]["reason"] == "end"
    (market, gate) = outcomes[0]["facts"]
    assert market["knew"][0]["agent"] == "Mira"
    assert market["knew"][0]["from"] == "the crier"
    assert gate["control"]


def test_hints_can_be_typed_where_burgh_is_not_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "my tools" / "burgh"
    script.parent.mkdir()
    script.touch()
    monkeypatch.setattr(sys, "argv", [str(script)])
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.chdir(tmp_path)
    assert burgh_command() == "'my tools/burgh'"
    monkeypatch.chdir(script.parent)
    assert burgh_command() == "./burgh"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert burgh_command() == f"'{script}'"
    monkeypatch.setattr(shutil, "which", lambda name: f"bin/{name}")
    assert burgh_command() == "burgh"


def test_the_help_page_answers_within_a_second() -> None:
    import resource

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert process("--help").returncode == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1.0
