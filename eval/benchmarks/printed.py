"""A real PDF's amounts as the reader has them, against the words that pdfium itself gives, line by line: each as printed, as often.

    python eval/benchmarks/printed.py report.pdf …

Lists each table with its page, rows, columns and the budget rows that the rules take from it, to be counted by eye; numbers of tables of contents, page numbers and
headings repeated on the next page are in pdfium's words alone.
"""

import re
import sys
from collections import Counter
from pathlib import Path

import pypdfium2

from jixiao.pipeline import extract, read

_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?%?")


def main() -> None:
    for path in map(Path, sys.argv[1:]):
        document = read(path)
        pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(path)]
        lines = [line for page in pages for line in page.splitlines()]
        printed = Counter(number for line in lines for number in _NUMBER.findall(line))
        found = Counter(_NUMBER.findall(document.text))
        whole = sum((printed & found).values())
        print(f"{path.name}: {len(pages)} pages, {sum(printed.values())} numbers printed, {whole} of them in the text as printed")
        print(f"  printed, not in the text: {dict((printed - found).most_common(20))}")
        print(f"  in the text, not printed in one line: {dict((found - printed).most_common(20))}")
        cells = [metric.evidence[0].cell for metric in extract(document).metrics if metric.kind == "budget"]
        taken = Counter(cell.table for cell in cells if cell is not None)
        for table in document.tables:
            first, last = (document.page_of(at) for at in (table.span.start, table.span.end - 1))
            columns = max(len(row) for row in table.rows)
            print(
                f"  table {table.number}: pages {first}–{last}, {len(table.rows)} rows, {columns} columns, {taken[table.number]} taken"
            )


if __name__ == "__main__":
    main()
