"""`python eval/benchmarks/audit.py REPORT … [--times 100]`: what auditing adds to extracting, in seconds of this machine."""

import argparse
import time
from pathlib import Path

from jixiao import extract, read
from jixiao.audit import Case, audit_all, audit_case
from jixiao.quantities import _found


def main() -> None:
    """Go through the reports ``times`` times: read and extract each, then audit what came out, as ``jixiao audit`` does."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("reports", nargs="+", type=Path)
    parser.add_argument("--times", type=int, default=100, help="how often to go through them")
    chosen = parser.parse_args()
    for path in chosen.reports:
        extract(read(path))  # warm
    seconds = {path: [0.0, 0.0] for path in chosen.reports}
    for _ in range(chosen.times):
        for path in chosen.reports:
            _found.cache_clear()  # a report comes once; its own second run is to find nothing of its first
            began = time.process_time()
            document = read(path)
            extraction = extract(document)
            extracted = time.process_time()
            audit_case(Case(document, extraction))
            seconds[path][0] += extracted - began
            seconds[path][1] += time.process_time() - extracted
    for path, (first, second) in seconds.items():
        print(f"{path}: extracting {first:.1f} s, auditing {second:.1f} s, ratio {second / first:.2f}")
    first, second = (sum(pair[at] for pair in seconds.values()) for at in (0, 1))
    count = len(chosen.reports) * chosen.times
    print(f"all {count} reports: extracting {first:.1f} s, auditing {second:.1f} s, ratio {second / first:.2f}")
    documents = [read(path) for path in chosen.reports]
    cases = [Case(document, extract(document)) for document in documents]
    began = time.process_time()
    audit_all(cases)
    print(f"{len(cases)} reports together, with the checks across them: {time.process_time() - began:.1f} s")


if __name__ == "__main__":
    main()
