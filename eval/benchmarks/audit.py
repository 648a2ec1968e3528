"""`python eval/benchmarks/audit.py REPORT … [--times 1000]`: what auditing adds to extracting, in seconds of this machine."""

import argparse
import time
from pathlib import Path

from jixiao import extract, read
from jixiao.audit import Case, audit_all, audit_case


def main() -> None:
    """Read and extract each report ``times`` times, then audit what came out."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("reports", nargs="+", type=Path)
    parser.add_argument("--times", type=int, default=1000, help="how many reports to make of each")
    chosen = parser.parse_args()
    seconds = [0.0, 0.0]
    for path in chosen.reports:
        extract(read(path))  # warm
        began = time.process_time()
        made = [(document := read(path), extract(document)) for _ in range(chosen.times)]
        extracted = time.process_time()
        for document, extraction in made:
            audit_case(Case(document, extraction))
        audited = time.process_time()
        first, second = extracted - began, audited - extracted
        seconds = [seconds[0] + first, seconds[1] + second]
        print(f"{path}: {chosen.times} reports, extracting {first:.1f} s, auditing {second:.1f} s, ratio {second / first:.2f}")
    print(
        f"all {len(chosen.reports) * chosen.times}: extracting {seconds[0]:.1f} s, auditing {seconds[1]:.1f} s, ratio {seconds[1] / seconds[0]:.2f}"
    )
    cases = [Case(document, extraction) for document, extraction in made]
    began = time.process_time()
    audit_all(cases[:200])
    print(f"{len(cases[:200])} reports together, with the checks across them: {time.process_time() - began:.1f} s")


if __name__ == "__main__":
    main()
