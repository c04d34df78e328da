"""What a user without a CUDA device sees on asking for one."""

import pytest

from bofcheck.cli.entry import run
from bofcheck.simulate import EngineError, Problem, train
from bofcheck.simulate.engines.span import cuda_batch


@pytest.fixture(autouse=True)
def _no_device(monkeypatch):
    monkeypatch.setattr(cuda_batch.cuda, "is_available", lambda: False)


def test_the_span_engine_says_what_to_install():
    with pytest.raises(EngineError, match=r'"bofcheck\[cuda\]", or use "cpu"') as caught:
        train(Problem(n_samples=2), seeds=1, steps=1, device="cuda")
    assert "\n" not in str(caught.value)


def test_the_command_ends_with_exit_code_2(tmp_path, capsys):
    problem = tmp_path / "problem.toml"
    problem.write_text(Problem(n_samples=2).to_toml())
    assert run(["simulate", str(problem), "--device", "cuda", "--out", str(tmp_path / "new")]) == 2
    written = capsys.readouterr().err.strip()
    assert "bofcheck[cuda]" in written
    assert "\n" not in written


def test_too_small_a_card_is_said_before_anything_is_copied():
    with pytest.raises(EngineError, match=r"needs 8e\+09 GB .* for 1000 runs, 1e-09 GB are free"):
        cuda_batch._check_memory(1000, needed=8 * 10**18, free=1)
