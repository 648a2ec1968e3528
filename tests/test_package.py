"""The package as it is shipped: the wheel, its names, its layers, and the script that sets it up."""

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

import jixiao

ROOT = Path(__file__).parent.parent
REPORT = ROOT / "fixtures" / "guangdong-dept-cells" / "source.txt"


def python(*arguments: str | Path, cwd: Path = ROOT, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """This Python with the arguments, from ``cwd``; ``path`` is where it looks for packages first."""
    outside = {name: words for name, words in os.environ.items() if name not in ("PYTHONPATH", "COLUMNS")}
    env = outside if path is None else outside | {"PYTHONPATH": str(path)}
    line = [sys.executable, *map(str, arguments)]
    return subprocess.run(line, cwd=cwd, env=env, capture_output=True, text=True, timeout=60)


def package_files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel installed in it, and nothing else."""
    wheels, target = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("site")
    built = python("-m", "hatchling", "build", "-t", "wheel", "-d", wheels)
    assert built.returncode == 0, built.stderr
    (wheel,) = wheels.glob("*.whl")
    # a virtual environment may have no pip of its own: that of the Python it was made from installs for it
    pip = sys.executable if importlib.util.find_spec("pip") else getattr(sys, "_base_executable", sys.executable)
    line = [pip, "-m", "pip", "--python", sys.executable, "--disable-pip-version-check", "install"]
    line += ["--quiet", "--no-index", "--no-deps", "--no-compile", "--target", str(target), str(wheel)]
    subprocess.run(line, check=True, timeout=60)
    return target


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """``run.py`` as it would be in a checkout at ``tmp_path``, whose environment's Python is an empty file."""
    spec = importlib.util.spec_from_file_location("run", ROOT / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml"):
        (tmp_path / name).write_text(f"=== {name} is no requirement ===\n", encoding="utf-8")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").touch()
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    return module


def stamp(checkout: Path, lock: str) -> str:
    """Mark the environment as ready for the lock, as a set-up that ended well does."""
    files = (lock, "pyproject.toml")
    words = "".join(f"{name} {hashlib.sha256((checkout / name).read_bytes()).hexdigest()}\n" for name in files)
    (checkout / ".venv" / ".jixiao-ready").write_text(words, encoding="utf-8")
    return words


# --- the wheel


def test_the_wheel_holds_the_whole_package_and_nothing_beside_it(installed: Path) -> None:
    here = package_files(ROOT / "src" / "jixiao")
    prompts = {f"prompts/{name}" for name in package_files(ROOT / "prompts")}
    assert package_files(installed / "jixiao") == here | prompts
    assert {path.name for path in installed.iterdir()} - {"bin"} == {"jixiao", f"jixiao-{jixiao.__version__}.dist-info"}


def test_the_wheel_holds_the_package_data_byte_for_byte(installed: Path) -> None:
    templates = ROOT / "src" / "jixiao" / "render" / "templates"
    shipped = installed / "jixiao"
    pairs = [(path, shipped / "render" / "templates" / path.name) for path in templates.iterdir()]
    pairs += [(path, shipped / "prompts" / path.name) for path in (ROOT / "prompts").glob("*.toml")]
    assert len(pairs) >= 3
    assert [ours.name for ours, theirs in pairs if ours.read_bytes() != theirs.read_bytes()] == []
    assert (shipped / "py.typed").exists()


def test_the_installed_package_extracts_from_any_folder(installed: Path, tmp_path: Path) -> None:
    done = python("-m", "jixiao", "extract", REPORT, cwd=tmp_path, path=installed)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == jixiao.extract(jixiao.read(REPORT)).model_dump_json(indent=2) + "\n"
    where = python("-c", "import jixiao; print(jixiao.__file__)", cwd=tmp_path, path=installed)
    assert where.stdout.strip() == str(installed / "jixiao" / "__init__.py")


def test_the_installed_package_makes_pages_and_finds_its_prompts(installed: Path, tmp_path: Path) -> None:
    page = python("-m", "jixiao", "extract", REPORT, "-o", "page.html", cwd=tmp_path, path=installed)
    assert (page.returncode, page.stderr) == (0, "")
    assert (tmp_path / "page.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    listed = python("-m", "jixiao", "prompts", cwd=tmp_path, path=installed)
    expected = sorted(path.stem for path in (ROOT / "prompts").glob("*.toml"))
    assert (listed.returncode, [line.split()[0] for line in listed.stdout.splitlines()]) == (0, expected)


def test_the_installed_command_is_named_in_the_wheel(installed: Path) -> None:
    words = (installed / f"jixiao-{jixiao.__version__}.dist-info" / "entry_points.txt").read_text(encoding="utf-8")
    assert words.split() == ["[console_scripts]", "jixiao", "=", "jixiao.cli:app"]


# --- names and layers


def test_every_public_name_exists() -> None:
    assert len(set(jixiao.__all__)) == len(jixiao.__all__)
    assert [name for name in jixiao.__all__ if getattr(jixiao, name, None) is None] == []


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'jixiao' has no attribute 'nothing'"):
        _ = jixiao.nothing


def test_importing_the_package_loads_no_library() -> None:
    script = "import sys; before = set(sys.modules); import jixiao, json; print(json.dumps(sorted(set(sys.modules) - before)))"
    done = python("-c", script)
    assert (done.returncode, done.stderr) == (0, "")
    loaded = {name.split(".")[0] for name in json.loads(done.stdout)}
    assert loaded - set(sys.stdlib_module_names) == {"jixiao"}


def test_imports_run_downhill() -> None:
    script = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = python("-c", script)
    assert done.returncode == 0, done.stdout
    assert "Contracts: 1 kept, 0 broken." in done.stdout


# --- setting up


@pytest.mark.parametrize(
    ("ready_for", "wanted"),
    [
        ("requirements.lock", "requirements.lock"),
        ("requirements-dev.lock", "requirements-dev.lock"),
        ("requirements-dev.lock", "requirements.lock"),
    ],
)
def test_a_second_set_up_is_immediate(
    runner: ModuleType, tmp_path: Path, capfd: pytest.CaptureFixture[str], ready_for: str, wanted: str
) -> None:
    words = stamp(tmp_path, ready_for)
    assert runner.set_up(wanted) is True
    assert capfd.readouterr() == ("", "")
    assert (tmp_path / ".venv" / ".jixiao-ready").read_text(encoding="utf-8") == words


@pytest.mark.parametrize("changed", ["requirements.lock", "pyproject.toml", ".venv/bin/python"])
def test_a_set_up_that_is_out_of_date_is_done_again_and_says_when_it_fails(
    runner: ModuleType, tmp_path: Path, capfd: pytest.CaptureFixture[str], changed: str
) -> None:
    stamp(tmp_path, "requirements.lock")
    (tmp_path / changed).write_text("=== changed ===\n", encoding="utf-8")
    if changed.endswith("python"):
        stamp(tmp_path, "requirements-dev.lock")
        (tmp_path / "requirements-dev.lock").write_text("=== changed ===\n", encoding="utf-8")
    assert runner.set_up("requirements.lock") is False
    assert "Setting up failed at:" in capfd.readouterr().err
    assert not (tmp_path / ".venv" / ".jixiao-ready").exists()


def test_the_tools_lock_is_not_taken_as_there_where_only_the_plain_one_is(runner: ModuleType, tmp_path: Path) -> None:
    stamp(tmp_path, "requirements.lock")
    assert runner.set_up("requirements-dev.lock") is False


def test_the_doctor_knows_every_extra() -> None:
    from jixiao.cli.doctor import _EXTRAS

    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert sorted(_EXTRAS) == sorted(extras)
