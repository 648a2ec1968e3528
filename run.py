"""Set up and run, with nothing but Python and its pip.

    python3 run.py                      set up, and extract the sample report
    python3 run.py extract FILE …       set up, and run any jixiao command
    python3 run.py test [PYTEST ARGS]   set up with the test tools, and run the tests
    python3 run.py lint                 … ruff and the import contract
    python3 run.py types                … mypy, strict
    python3 run.py eval [ARGS]          … jixiao eval: the labelled reports, scored
    python3 run.py scores               … the rules' baseline made anew, and the READMEs' scores from it

The environment is `.venv` beside this file, from the locked versions; a second call finds it ready.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
SAMPLE = ROOT / "fixtures" / "guangdong-dept-cells" / "source.txt"
TOOLS = {
    "test": [["-m", "pytest", "-n", "auto", "--dist", "loadfile"]],
    "lint": [
        ["-m", "ruff", "check", "."],
        ["-m", "ruff", "format", "--check", "."],
        ["-c", "from importlinter.cli import lint_imports_command as c; c()"],
    ],
    "types": [["-m", "mypy"]],
    "eval": [["-m", "jixiao", "eval"]],
    "scores": [["-m", "jixiao", "eval", "--json", "eval/baselines/rules.json"], ["eval/readme.py"]],
}


def main(arguments: list[str]) -> int:
    """Set up what the command needs, then run it; the exit code is the command's."""
    if sys.version_info < (3, 11):
        print(f"jixiao needs Python 3.11 or newer; this is {sys.version.split()[0]}.", file=sys.stderr)
        return 2
    command = arguments[0] if arguments else ""
    dev = command in TOOLS
    if not set_up("requirements-dev.lock" if dev else "requirements.lock"):
        return 1
    if not dev:
        return run(["-m", "jixiao", *(arguments or ["extract", str(SAMPLE), "--format", "table"])])
    for tool in TOOLS[command]:
        if code := run([*tool, *arguments[1:]]):
            return code
    return 0


def set_up(lock: str) -> bool:
    """Bring `.venv` to the locked versions; at once where it already is. The development lock holds all of the other."""
    stamp = VENV / ".jixiao-ready"
    wanted = {name: _digest(ROOT / name) for name in (lock, "pyproject.toml")}
    ready = dict(line.split() for line in stamp.read_text().splitlines()) if stamp.exists() and PYTHON.exists() else {}
    has_all = all(ready.get(name) == digest for name, digest in wanted.items())
    if has_all or (
        lock == "requirements.lock"
        and all(ready.get(name) == _digest(ROOT / name) for name in ("requirements-dev.lock", "pyproject.toml"))
    ):
        return True
    print(f"Setting up {VENV} from {lock} (once) …", file=sys.stderr)
    stamp.unlink(missing_ok=True)
    steps = [] if PYTHON.exists() else [[sys.executable, "-m", "venv", "--without-pip", str(VENV)]]
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(PYTHON),
        "--disable-pip-version-check",
        "install",
        "--quiet",
        "--no-warn-script-location",
    ]
    steps += [
        [*pip, "--require-hashes", "-r", str(ROOT / lock)],
        [*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)],
    ]
    for step in steps:
        if subprocess.call(step):
            print(f"Setting up failed at: {' '.join(step)}", file=sys.stderr)
            return False
    stamp.write_text("".join(f"{name} {digest}\n" for name, digest in wanted.items()))
    return True


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def run(arguments: list[str]) -> int:
    """Run the environment's Python from the project's folder."""
    try:
        return subprocess.call([str(PYTHON), *arguments])
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
