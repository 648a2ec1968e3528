"""Time and score grounding in a report of 100,000 characters: 500 verbatim quotes, and 100 of each kind that is not.

    python eval/benchmarks/grounding.py [--peer] [--whole] [--order any|kind|text] [--errors]

The report is the fixtures three times over: as they are, with every figure changed, and as they are, so quotes repeat. Each
quote is asked for in the chunk it was drawn from (2,000 characters, or with ``--whole`` the whole report), shuffled; with
``--order kind`` a chunk's sentences come before its clauses, with ``--order text`` all come as they stand.

``--peer`` aligns the same quotes with LangExtract, which wants an environment of its own: `pip install langextract rapidfuzz
pydantic cn2an`. The order matters to it; on the whole report, shuffled, it had not placed the 500 after 14 CPU minutes.
"""

import argparse
import random
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from jixiao.document import Span
from jixiao.grounding import Grounder

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
LENGTH, CHUNK, SEED = 100_000, 2_000, 20240607

CLAUSE = re.compile(r"[^，。；：！？\n\t|]+")
SENTENCE = re.compile(r"[^。；！？\n\t|]+")
IN_NUMBER = re.compile(r"\d[，\s]*\d|[\d万亿]\s+[元万亿]")
LIGHT = re.compile("进一步|不断|积极|认真|切实|扎实|大力|有效|了|的|等|共|并|对")
SWAPS = {"开展": "举办", "和": "与", "以及": "及", "通过": "经由", "进行": "实行", "组织": "安排", "加强": "强化", "推进": "推动"}
WHO = "市气象局 县民族宗教局 滨海新城管委会 区残联 省测绘院 农垦集团".split()
WHAT = "举办航天科普展览{}场 捐建乡村图书角{}处 培育无人机飞手{}人 修缮古戏台{}座 发放骑行优惠券{}张 接待研学团队{}批".split()
THEN = "群众反响热烈 带动夜间消费明显回暖 相关经验在全省推广 参与率创历史新高 受到外地客商好评".split()


@dataclass(frozen=True, slots=True)
class Quote:
    """A quote, the chunk it is said to come from, and its place, if it has one."""

    words: str
    chunk: Span
    place: Span | None = None


Ground = Callable[[list[Quote]], list[Span | None]]


def make_report(rng: random.Random) -> str:
    sources = [path.read_text(encoding="utf-8") for path in sorted(FIXTURES.glob("*/source.txt"))]
    once = "\n".join(sources)
    varied = re.sub(r"(?<![\d年])\d{2,}(?!\d*[年月日])", lambda number: number[0][0] + _digits(rng, len(number[0]) - 1), once)
    return "\n".join((once, varied, once))[:LENGTH]


def _digits(rng: random.Random, many: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(many))


def chunks_of(text: str, size: int) -> list[Span]:
    """Stretches of about ``size`` characters, each ending with a line."""
    spans, start = [], 0
    while start < len(text):
        line_end = text.rfind("\n", start, start + size) + 1
        end = line_end if line_end > start and start + size < len(text) else min(len(text), start + size)
        spans.append(Span(start, end))
        start = end
    return spans


def stretches_of(text: str, chunks: list[Span]) -> Iterator[Quote]:
    """Sentences, and the clauses that lie in them, which stand once in their chunk: of others nobody can tell which was meant."""
    for chunk in chunks:
        words = text[chunk.start : chunk.end]
        for stretch in dict.fromkeys(stretch.span() for kind in (SENTENCE, CLAUSE) for stretch in kind.finditer(words)):
            quote = words[slice(*stretch)].strip()
            if 8 <= len(quote) <= 80 and words.count(quote) == 1 and not any(in_a_number(words, at) for at in stretch):
                start = chunk.start + words.index(quote)
                yield Quote(quote, chunk, Span(start, start + len(quote)))


def in_a_number(words: str, at: int) -> bool:
    return any(
        found.start() + max(0, at - 4) < at < found.end() + max(0, at - 4)
        for found in IN_NUMBER.finditer(words[max(0, at - 4) : at + 4])
    )


def ungrouped(words: str) -> str:
    """Words without the commas and blanks inside numbers."""
    return re.sub(r"(?<=\d)[,，\s]+(?=\d)", "", words)


def altered(rng: random.Random, quotes: list[Quote], text: str) -> Iterator[Quote]:
    bare = ungrouped(text)
    for quote in quotes:
        digits = [at for at, character in enumerate(quote.words) if character in "0123456789"]
        if digits:
            at = rng.choice(digits)
            other = rng.choice([digit for digit in "123456789" if digit != quote.words[at]])
            words = quote.words[:at] + other + quote.words[at + 1 :]
            if ungrouped(words) not in bare:  # 1,120.00 altered may be another place's 1120.00
                yield Quote(words, quote.chunk)


def invented(rng: random.Random, quotes: list[Quote], text: str) -> Iterator[Quote]:
    """Half of them sentences of another world, half the head of one clause with the tail of another, neither of them most of it."""
    for one, other in zip(quotes, reversed(quotes), strict=True):
        made = rng.choice(WHO) + rng.choice(WHAT).format(rng.randint(11, 999)) + "，" + rng.choice(THEN)
        yield Quote(made, one.chunk)
        head, tail = one.words[: len(one.words) // 2], other.words[len(other.words) // 2 :]
        if max(len(head), len(tail)) * 3 <= 2 * len(head + tail) and head + tail not in text:
            yield Quote(head + tail, one.chunk)


def paraphrased(rng: random.Random, quotes: list[Quote], text: str) -> Iterator[Quote]:
    """One light word dropped, or one word replaced by another of its meaning."""
    for quote in quotes:
        drops = [quote.words[: at.start()] + quote.words[at.end() :] for at in LIGHT.finditer(quote.words) if at.start()]
        swaps = [quote.words.replace(word, swap, 1) for word, swap in SWAPS.items() if word in quote.words]
        fresh = [words for words in drops + swaps if words not in text and len(words) >= 10]
        if fresh:
            yield Quote(rng.choice(fresh), quote.chunk, quote.place)


def by_jixiao(text: str) -> Ground:
    def ground(quotes: list[Quote]) -> list[Span | None]:
        grounder = Grounder(text)
        places: list[Span | None] = []
        chunk, after = None, None
        for quote in quotes:
            after = after if quote.chunk == chunk else None
            chunk = quote.chunk
            found = grounder.ground(quote.words, chunk, after)
            after = found.span.start if found else after
            places.append(found.span if found else None)
        return places

    return ground


def by_langextract(text: str) -> Ground:
    data, tokens, resolver = map(import_module, ("langextract.core.data", "langextract.core.tokenizer", "langextract.resolver"))
    tokenizer = tokens.UnicodeTokenizer()

    def ground(quotes: list[Quote]) -> list[Span | None]:
        places: list[Span | None] = []
        for chunk in dict.fromkeys(quote.chunk for quote in quotes):
            asked = [data.Extraction("quote", quote.words) for quote in quotes if quote.chunk == chunk]
            resolver.WordAligner().align_extractions([asked], text[chunk.start : chunk.end], tokenizer_impl=tokenizer)
            for one in asked:
                at = one.char_interval
                known = at is not None and at.start_pos is not None and at.end_pos is not None
                places.append(Span(chunk.start + at.start_pos, chunk.start + at.end_pos) if known else None)
        return places

    return ground


def is_right(found: Span | None, place: Span) -> bool:
    """Whether the two share nine characters in ten of those in either: a light word at an end may be in or out."""
    if found is None:
        return False
    shared = min(found.end, place.end) - max(found.start, place.start)
    return shared >= 0.9 * (max(found.end, place.end) - min(found.start, place.start))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", action="store_true", help="align the same quotes with LangExtract too")
    parser.add_argument("--whole", action="store_true", help="one chunk, the whole report")
    parser.add_argument("--order", choices=["any", "kind", "text"], default="any", help="of the quotes of a chunk")
    parser.add_argument("--errors", action="store_true", help="show the quotes that went wrong")
    options = parser.parse_args()

    rng = random.Random(SEED)
    text = make_report(rng)
    stretches = list(stretches_of(text, chunks_of(text, LENGTH if options.whole else CHUNK)))

    def drawn(quotes: Iterable[Quote], many: int) -> list[Quote]:
        """So many of them, chunk by chunk, in the order asked for within a chunk."""
        pool = list(quotes)
        picked = rng.sample(range(len(pool)), many)
        chosen = [pool[at] for at in (picked if options.order == "any" else sorted(picked))]
        if options.order == "text":
            chosen.sort(key=lambda quote: quote.place.start if quote.place else 0)
        return sorted(chosen, key=lambda quote: quote.chunk.start)

    sets = {
        "verbatim": drawn(stretches, 500),
        "digit altered": drawn(altered(rng, stretches, text), 100),
        "invented": drawn(invented(rng, rng.sample(stretches, len(stretches)), text), 100),
        "paraphrased": drawn(paraphrased(rng, stretches, text), 100),
    }
    print(f"{len(text):,} characters; repeated elsewhere: {sum(text.count(one.words) > 1 for one in sets['verbatim'])} of 500")
    score("jixiao", by_jixiao(text), sets, text, options.errors)
    if options.peer:
        try:
            peer = by_langextract(text)
        except ImportError:
            raise SystemExit("LangExtract is not installed here: pip install langextract rapidfuzz pydantic cn2an") from None
        score("langextract", peer, sets, text, options.errors)


def score(name: str, ground: Ground, sets: dict[str, list[Quote]], text: str, errors: bool) -> None:
    for kind, quotes in sets.items():
        begun = time.process_time()
        places = ground(quotes)
        spent = time.process_time() - begun
        accepted = sum(place is not None for place in places)
        right = [quote.place is not None and is_right(place, quote.place) for place, quote in zip(places, quotes, strict=True)]
        wrong = [
            (quote, place)
            for place, quote, good in zip(places, quotes, right, strict=True)
            if (not good if quote.place else place is not None)
        ]
        placed = f", placed right {sum(right)}" if quotes[0].place else ""
        print(f"{name:12} {kind:14} {len(quotes)} quotes, {spent:8.3f} CPU s, accepted {accepted}{placed}", flush=True)
        for quote, place in wrong if errors else []:
            print("   ", repr(quote.words), "→", repr(text[place.start : place.end]) if place else None)


if __name__ == "__main__":
    main()
