"""Turns, medians, budgets and outcomes, with contenders that only pretend to work."""

import io
import json

import pytest

from harness.cell import Cell
from harness.measure import Entry, Limits, measure_group
from harness.process import WorkerProcess
from harness.rounds import WorkerError, play, summary
from harness.worker import Steps, serve

LIMITS = Limits(rounds=5, turn_seconds=0.1, step_seconds=2.0, memory_bytes=1000)
CELL = Cell(n_samples=4, dim=128)


class FakeContender:
    def __init__(self, name, need=10, threads=(0,)):
        self.name, self.label = name, name.upper()
        self._need, self._threads = need, threads

    def bytes_needed(self, cell):
        return self._need

    def threads(self, device):
        return self._threads


class FakeWorker:
    """Answers from a list of turns; ``log`` shared by all tells the order."""

    def __init__(self, name, log, turns=(1.0,), runs=1, probe=0.01, finite=True, refuses=""):
        self.name, self.log, self.closed = name, log, 0
        self._turns, self._runs, self._probe = list(turns), runs, probe
        self._finite, self._refuses = finite, refuses

    def ready(self):
        self.log.append(f"{self.name} ready")

    def prepare(self, cell, device):
        if self._refuses:
            return {"not_offered": self._refuses}
        return {"seconds": 0.5, "runs": self._runs}

    def probe(self, threads, turn_seconds):
        return {"seconds": self._probe, "count": 10}

    def turn(self, count, threads):
        assert count == 10
        self.log.append(f"{self.name}{threads or ''}")
        taken = self._turns.pop(0) if len(self._turns) > 1 else self._turns[0]
        if isinstance(taken, str):
            raise WorkerError(taken)
        return taken * (threads or 1)

    def finish(self):
        memory = {"peak_bytes": 7, "import_bytes": 3, "device_peak_bytes": 0}
        return {"finite": self._finite, **memory}

    def close(self):
        self.closed += 1


def measure(workers, **contenders):
    made = {name: FakeContender(name, **options) for name, options in contenders.items()}
    entries = [Entry(name, CELL) for name in made]
    rows = measure_group(entries, made, LIMITS, lambda name: workers[name])
    return {row["contender"]: row for row in rows}


def test_contenders_take_turns_in_opposite_order_every_second_round():
    log = []
    workers = {name: FakeWorker(name, log) for name in "abc"}
    measure(workers, a={}, b={}, c={})
    assert log[:3] == ["a ready", "b ready", "c ready"]
    assert "".join(log[3:]) == "abccbaabccbaabc"


def test_rows_hold_the_median_per_run_and_the_spread():
    workers = {"a": FakeWorker("a", [], turns=[8.0, 2.0, 4.0, 40.0, 6.0], runs=2)}
    row = measure(workers, a={})["a"]
    assert row["outcome"] == "measured"
    assert (row["seconds"], row["lowest"], row["highest"]) == (3.0, 1.0, 20.0)
    assert row["samples"] == [4.0, 1.0, 2.0, 20.0, 3.0]
    assert (row["peak_bytes"], row["import_bytes"]) == (7, 3)
    assert workers["a"].closed


def test_what_does_not_fit_is_not_even_opened():
    rows = measure({"a": FakeWorker("a", [])}, a={}, big={"need": 1001})
    assert rows["big"]["outcome"] == "does not fit"
    assert rows["big"]["bytes_needed"] == 1001
    assert rows["a"]["outcome"] == "measured"


def test_the_quickest_thread_count_stands():
    log = []
    row = measure({"a": FakeWorker("a", log)}, a={"threads": (1, 2)})["a"]
    assert log == ["a ready", "a1", "a2", "a2", "a1", "a1", "a2", "a2", "a1", "a1", "a2"]
    assert row["threads"] == 1
    assert row["by_threads"] == {"1": 1.0, "2": 2.0}


def test_too_slow_a_step_is_not_run_and_frees_its_memory_before_the_rounds():
    log = []
    workers = {"slow": FakeWorker("slow", log, probe=2.5), "a": FakeWorker("a", log)}
    rows = measure(workers, slow={}, a={})
    assert rows["slow"]["outcome"] == "not run"
    assert rows["slow"]["probed_seconds"] == 2.5
    assert "slow" not in log
    assert workers["slow"].closed


@pytest.mark.parametrize(
    ("options", "outcome", "why"),
    [
        ({"refuses": "not here"}, "not offered", "not here"),
        ({"finite": False}, "failed", "a run diverged"),
        ({"turns": [1.0, "its process ended with -9"]}, "failed", "its process ended with -9"),
    ],
)
def test_who_fails_says_why_and_the_others_go_on(options, outcome, why):
    workers = {"bad": FakeWorker("bad", [], **options), "a": FakeWorker("a", [])}
    rows = measure(workers, bad={}, a={})
    assert (rows["bad"]["outcome"], rows["bad"]["why"]) == (outcome, why)
    assert rows["a"]["outcome"] == "measured"
    assert len(rows["a"]["samples"]) == 5


def test_a_median_needs_five_rounds():
    with pytest.raises(ValueError, match="needs 5"):
        play({"a": lambda: 1.0}, 4)
    assert summary([5.0, 1.0, 9.0, 2.0, 8.0])["seconds"] == 5.0


class FakePrepared:
    """Steps that take a fixed time on a clock of their own."""

    runs = 3

    def __init__(self, clock, first, later):
        self.taken = []
        self._clock, self._first, self._later = clock, first, later

    def step(self, count):
        self._clock[0] += self._later * count if self.taken else self._first
        self.taken.append(count)

    def finite(self):
        return True

    def device_bytes(self):
        return 0


def prepared_on_a_fake_clock(monkeypatch, first, later):
    clock = [0.0]
    monkeypatch.setattr("harness.worker.time.perf_counter", lambda: clock[0])
    return FakePrepared(clock, first, later)


def test_a_probe_leaves_compiling_out_and_fills_the_turn(monkeypatch):
    prepared = prepared_on_a_fake_clock(monkeypatch, first=9.0, later=0.001)
    probe = Steps(FakeContender("a"), prepared).probe(0, 0.1)
    assert probe["seconds"] == pytest.approx(0.001, rel=1e-6, abs=0.0)
    assert probe["count"] == 100


def test_a_turn_leads_in_untimed(monkeypatch):
    prepared = prepared_on_a_fake_clock(monkeypatch, first=1.0, later=0.01)
    assert Steps(FakeContender("a"), prepared).turn(10, 0)["seconds"] == pytest.approx(
        0.01, rel=1e-6, abs=0.0
    )
    assert prepared.taken == [2, 10]


def test_a_worker_answers_order_by_order():
    contender = FakeContender("a")
    contender.prepare = lambda cell, device: FakePrepared([0.0], 0.0, 0.0)
    orders = [
        {"do": "turn", "count": 1, "threads": 0},
        {"do": "prepare", "cell": vars(CELL), "device": "cpu"},
        {"do": "finish"},
    ]
    answers = io.StringIO()
    serve(io.StringIO("".join(json.dumps(order) + "\n" for order in orders)), answers, contender)
    early, prepared, finished = (json.loads(line) for line in answers.getvalue().splitlines())
    assert "nothing is prepared" in early["error"]
    assert prepared["runs"] == 3
    assert finished["finite"]
    assert finished["peak_bytes"] >= finished["import_bytes"] > 10**6


def test_a_process_that_dies_is_an_error_in_one_line():
    worker = WorkerProcess("contenders.nobody", "nobody")
    with pytest.raises(WorkerError, match="nobody: its process ended with 1"):
        worker.ready()
    worker.close()


def test_a_real_worker_reports_its_own_memory_not_its_parents():
    ballast = bytearray(600 * 2**20)
    ballast[::4096] = b"x" * len(ballast[::4096])
    worker = WorkerProcess("contenders.span", "span")
    try:
        assert worker.prepare(Cell(4, 128, runs=2), "cpu")["runs"] == 2
        assert 0 < worker.turn(5, 0) < 10
        finished = worker.finish()
    finally:
        worker.close()
    assert finished["finite"]
    assert 50e6 < finished["import_bytes"] <= finished["peak_bytes"] < 500e6
