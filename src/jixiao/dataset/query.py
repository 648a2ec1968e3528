"""Words of a searcher → a query (检索式), and what it says of a record's words. Pure: knows no table and no store.

Words side by side must all be there; ``OR`` or ``|`` between two asks for either, ``NOT`` or a leading ``-`` for its absence;
``AND`` may be written; a phrase stands in "…", “…” or 「…」; parentheses group. What makes no sense as an operator is a word.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from jixiao.dataset.terms import fold, fold_with_places, phrase


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase (检索词), folded: it is there where it is a substring of the folded words."""

    folded: str


@dataclass(frozen=True, slots=True)
class And:
    """All of these; without any, everything is asked for."""

    parts: tuple["Query", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of these."""

    parts: tuple["Query", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The absence of this."""

    part: "Term | And | Or"


Query = Term | And | Or | Not
EVERYTHING = And(())
"""The query without a word."""

_DEEPEST = 32
"""Parentheses deeper than this are words: whatever is typed, what is made of it can be walked."""
_PIECES = re.compile(
    r'"(?P<straight>[^"]*)"|“(?P<curved>[^“”]*)”|「(?P<corner>[^「」]*)」|(?P<open>[(（])|(?P<close>[)）])|(?P<or>[|｜])|(?P<blank>\s+)'
    r'|(?P<text>[^"“「()（）|｜\s]+|.)',
    re.DOTALL,
)


def parse(words: str) -> Query:
    """What the words ask for. Any words at all can be read: an operator or a sign without its partner is taken as a word."""
    return _Parser(_settled(_lexed(_pieces(words)))).whole()


_Piece = tuple[str, str]
"""What it is (text, phrase, open, close, or, and, not, blank) and its words."""


def _pieces(words: str) -> list[_Piece]:
    """The words cut at blanks, quotes, parentheses and bars; parentheses without a partner, or about nothing, are text."""
    pieces: list[_Piece] = []
    opened: list[tuple[int, int]] = []
    meaning = 0  # pieces so far that say something
    for match in _PIECES.finditer(words):
        kind = match.lastgroup or ""
        if kind in ("straight", "curved", "corner"):
            pieces.append(("phrase", match[kind]))
            meaning += bool(_term(match[kind]))
            continue
        pieces.append(("text" if kind in ("open", "close") else kind, match[0]))
        if kind == "open":
            opened.append((len(pieces) - 1, meaning))
        elif kind == "close" and opened:
            begun, before = opened.pop()
            if meaning > before and len(opened) < _DEEPEST:
                pieces[begun], pieces[-1] = ("open", "("), ("close", ")")
        else:
            meaning += bool(_term(match[0]))
    return pieces


def _lexed(pieces: list[_Piece]) -> Iterator[_Piece]:
    """Words whole, operators told from words, and nothing that folds to nothing."""
    gathered, before = "", "blank"
    for (kind, words), (next_kind, next_words) in pairwise([*pieces, ("blank", " "), ("blank", " ")]):
        if kind == "text":
            negates = _term(words[1:]) if words[1:] else next_kind == "open" or (next_kind == "phrase" and _term(next_words))
            if words[0] == "-" != words[1:2] and negates and not gathered and before in ("blank", "open", "or"):
                yield "not", "-"
                words = words[1:]
            gathered += words
        else:
            if gathered:
                yield from _worded(_OPERATORS.get(gathered, "text"), gathered)
                gathered = ""
            if kind != "blank":
                yield from _worded(kind, words)
        before = kind


_OPERATORS = {"AND": "and", "OR": "or", "NOT": "not"}


def _worded(kind: str, words: str) -> Iterator[_Piece]:
    if kind not in ("text", "phrase"):
        yield kind, words
    elif term := _term(words):
        yield "term", term


def _term(words: str) -> str:
    return fold(words).replace("\n", "")


def _settled(lexed: Iterator[_Piece]) -> list[_Piece]:
    """The same, with operators that have nothing to work on made words."""
    pieces = list(lexed)
    settled: list[_Piece] = []
    for at, (kind, words) in enumerate(pieces):
        before = settled[-1][0] if settled else "open"
        behind = pieces[at + 1][0] if at + 1 < len(pieces) else "close"
        stray = (kind in ("and", "or") and before not in ("term", "close")) or (
            kind in ("and", "or", "not") and behind == "close"
        )
        settled.append(("term", fold(words)) if stray else (kind, words))
    return settled


class _Parser:
    """Recursive descent over settled pieces; as deep as their parentheses."""

    def __init__(self, pieces: list[_Piece]) -> None:
        self._pieces = pieces
        self._at = 0

    def whole(self) -> Query:
        return self._either() if self._pieces else EVERYTHING

    def _next(self) -> str:
        return self._pieces[self._at][0] if self._at < len(self._pieces) else "end"

    def _either(self) -> Query:
        parts = [self._all()]
        while self._next() == "or":
            self._at += 1
            parts.append(self._all())
        return _joined(Or, parts)

    def _all(self) -> Query:
        parts = [self._one()]
        while (kind := self._next()) not in ("or", "close", "end"):
            self._at += kind == "and"
            parts.append(self._one())
        return _joined(And, parts)

    def _one(self) -> Query:
        negated = False
        while self._next() == "not":
            negated = not negated
            self._at += 1
        kind, words = self._pieces[self._at]
        self._at += 1
        if kind == "open":
            found = self._either()
            self._at += 1  # its partner
        else:
            found = Term(words)
        if not negated:
            return found
        return found.part if isinstance(found, Not) else Not(found)


def _joined(kind: type[And] | type[Or], parts: list[Query]) -> Query:
    """Parts together, each once, without a group that says the same as the one around it."""
    flat = [each for part in parts for each in (part.parts if isinstance(part, kind) else (part,))]
    once = tuple(dict.fromkeys(flat))
    return once[0] if len(once) == 1 else kind(once)


def matches(query: Query, words: str) -> bool:
    """Whether a record with these words is asked for: the meaning of a query, which every store's index must give."""
    return _holds(query, fold(words))


def _holds(query: Query, folded: str) -> bool:
    match query:
        case Term(term):
            return term in folded
        case And(parts):
            return all(_holds(part, folded) for part in parts)
        case Or(parts):
            return any(_holds(part, folded) for part in parts)
        case Not(part):
            return not _holds(part, folded)


def without_words(query: Query) -> Query:
    """What of a query must hold of a record that is found by its meaning: whatever must not be there."""
    match query:
        case Term():
            return EVERYTHING
        case Not():
            return query
        case And(parts):
            return _joined(And, [without_words(part) for part in parts])
        case Or(parts):
            left = [without_words(part) for part in parts]
            return EVERYTHING if EVERYTHING in left else _joined(Or, left)


def sought(query: Query) -> tuple[str, ...]:
    """The folded terms whose presence is asked for, each once: those that a hit can show."""
    match query:
        case Term(term):
            return (term,)
        case Not():
            return ()
        case And(parts) | Or(parts):
            return tuple(dict.fromkeys(term for part in parts for term in sought(part)))


def marks(query: Query, words: str) -> list[tuple[int, int]]:
    """Where the sought terms stand in the words as they are: spans in order and apart."""
    folded, places = fold_with_places(words)
    spans = sorted((places[at], places[at + len(term) - 1] + 1) for term in sought(query) for at in _occurrences(term, folded))
    apart: list[tuple[int, int]] = []
    for start, end in spans:
        if apart and start <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((start, end))
    return apart


def _occurrences(term: str, folded: str) -> Iterator[int]:
    at = folded.find(term)
    while at >= 0:
        yield at
        at = folded.find(term, at + 1)


def score(query: Query, name: str | None, statement: str | None, words: str) -> tuple[int, int]:
    """How well a record answers, to be compared: each sought term by where it stands, then shorter words before longer.

    A name that is the term 8, a term in the name 4, in the statement 2, elsewhere 1; twice that where it is a whole number or
    Latin word and no piece of one.
    """
    pieces = [(4, fold(name or "")), (2, fold(statement or "")), (1, fold(words))]
    points = 0
    for term in sought(query):
        if term == pieces[0][1]:
            points += 16
            continue
        there = [(weight, piece) for weight, piece in pieces if term in piece]
        if there:
            whole = term.isascii() and next((weight for weight, piece in there if _stands_whole(term, piece)), 0)
            points += max(2 * whole, there[0][0])
    return points, -len(words)


_LATIN_OR_NUMBER = re.compile(r"[0-9a-z](?:[0-9a-z.,%-]*[0-9a-z])?")


def _stands_whole(term: str, folded: str) -> bool:
    """Whether a number or Latin word stands in the words with none of its kind right before or behind it."""
    if not _LATIN_OR_NUMBER.fullmatch(term):
        return False
    return any(
        not _goes_on(folded[max(0, at - 2) : at][::-1], term[0])
        and not _goes_on(folded[at + len(term) : at + len(term) + 2], term[-1])
        for at in _occurrences(term, folded)
    )


def _goes_on(beside: str, edge: str) -> bool:
    """Whether the characters beside an edge of a term, nearest first, are of the same number or word."""
    if edge.isdigit():
        return beside[:1].isdecimal() or (beside[:1] in (".", ",") and beside[1:].isdecimal())
    return beside[:1].isascii() and beside[:1].isalpha()


def to_fts5(query: Query) -> tuple[str, bool]:
    """The query as SQLite's FTS5 takes it, and whether it is the records that are *not* found which are asked for.

    FTS5 knows NOT only as “this without that”, so a query that words alone cannot answer is asked the other way round.
    Everything is what is not found by nothing: ``("", True)``.
    """
    match query:
        case Term(term):
            return '"' + " ".join(phrase(term)).replace('"', '""') + '"', False
        case Not(part):
            expression, negated = to_fts5(part)
            return expression, not negated
        case And(parts) | Or(parts):
            made = [to_fts5(part) for part in parts]
            plain = [expression for expression, negated in made if not negated]
            negative = [expression for expression, negated in made if negated]
            if isinstance(query, And):
                return _without(_chain(plain, "AND"), _chain(negative, "OR")), not plain
            return _without(_chain(negative, "AND"), _chain(plain, "OR")), bool(negative)


def _without(wanted: str, unwanted: str) -> str:
    return f"({wanted} NOT {unwanted})" if wanted and unwanted else wanted or unwanted


def _chain(expressions: list[str], operator: str) -> str:
    return expressions[0] if len(expressions) == 1 else f"({f' {operator} '.join(expressions)})" if expressions else ""


def to_tsquery(query: Query) -> str:
    """The query as PostgreSQL's tsquery is written; everything is the empty string."""
    match query:
        case Term(term):
            words = ("'" + token.replace("\\", "\\\\").replace("'", "''") + "'" for token in phrase(term))
            return "(" + " <-> ".join(words) + ")"
        case Not(part):
            return "!" + to_tsquery(part)
        case And(parts):
            return _balanced([to_tsquery(part) for part in parts], " & ")
        case Or(parts):
            return _balanced([to_tsquery(part) for part in parts], " | ")


def _balanced(expressions: list[str], operator: str) -> str:
    """A chain as a tree: PostgreSQL goes as deep into a chain as it is long."""
    if len(expressions) < 3:
        return f"({operator.join(expressions)})" if expressions else ""
    middle = len(expressions) // 2
    return f"({_balanced(expressions[:middle], operator)}{operator}{_balanced(expressions[middle:], operator)})"
