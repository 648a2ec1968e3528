"""What a searcher types → terms, queries and conditions: the forms people write, and laws that hold for any words at all."""

import sqlite3
from contextlib import suppress
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jixiao.dataset.conditions import Condition, Years, parse_condition, parse_years
from jixiao.dataset.query import EVERYTHING, And, Not, Or, Query, Term, marks, matches, parse, score, sought, to_fts5, to_tsquery
from jixiao.dataset.terms import fold, fold_with_places, phrase, tokens
from jixiao.errors import BadQuery

EXAMPLES = settings(max_examples=150, deadline=None)
ANYTHING = st.text(st.characters(), max_size=40)
LIKELY = st.text(
    st.sampled_from("满意度營商环境98.5%GDPgdpＧ５㎡℃é\u0301 \n\t\u3000\0\u200b\ud800ANDORNOT|-()（）\"“”「」'\\*:^"), max_size=30
)
WORDS = st.one_of(ANYTHING, LIKELY)
A, B, C = Term("营商"), Term("满意度"), Term("98")


@pytest.mark.parametrize(
    ("words", "folded"),
    [
        ("營商環境", "营商环境"),
        ("ＧＤＰ增长５．８％", "gdp增长5.8%"),
        ("营 商\u3000环\t境", "营商环境"),
        ("目标\n营商", "目标\n营商"),
        ("10㎡，20℃，①", "10m2,20°c,1"),
        ("零\u200b宽\ufeff字\0符", "零宽字符"),
        ("caf\u00e9", fold("cafe\u0301")),
        ("薴", "苎"),
        ("半\ud800个", "半\N{REPLACEMENT CHARACTER}个"),
    ],
)
def test_words_are_alike_in_width_case_and_script(words: str, folded: str) -> None:
    assert fold(words) == folded


@EXAMPLES
@given(WORDS, WORDS)
def test_folding_is_by_characters_and_once_for_all(one: str, other: str) -> None:
    assert fold(one + other) == fold(one) + fold(other)
    assert fold(fold(one)) == fold(one)
    fold(one).encode()


@EXAMPLES
@given(WORDS)
def test_folded_characters_know_their_places(words: str) -> None:
    folded, places = fold_with_places(words)
    assert folded == fold(words)
    assert places == sorted(places)
    assert all(character in fold(words[place]) for character, place in zip(folded, places, strict=True))


@EXAMPLES
@given(WORDS, WORDS, st.integers(0, 30), st.integers(1, 6))
def test_a_phrase_of_tokens_stands_where_the_term_stands(words: str, other: str, start: int, length: int) -> None:
    folded = fold(words)
    in_order, others = tokens(folded)
    for term in (folded[start : start + length], fold(other)[:length]):
        if term and "\n" not in term:
            sought_for = phrase(term)
            run = len(sought_for)
            stands = any(in_order[at : at + run] == sought_for for at in range(len(in_order))) or term in others
            assert stands == (term in folded)


@pytest.mark.parametrize(
    ("words", "query"),
    [
        ("", EVERYTHING),
        (" \u3000\n\0", EVERYTHING),
        ("营商", A),
        ("營商 满意度", And((A, B))),
        ("营商\u3000满意度 营商", And((A, B))),
        ("营商 AND 满意度", And((A, B))),
        ("营商 OR 满意度", Or((A, B))),
        ("营商|满意度", Or((A, B))),
        ("营商 满意度 OR 98", Or((And((A, B)), C))),
        ("(营商 OR 满意度) 98", And((Or((A, B)), C))),
        ("（营商｜满意度）98", And((Or((A, B)), C))),
        ("营商 NOT 满意度", And((A, Not(B)))),
        ("营商 -满意度", And((A, Not(B)))),
        ("-营商", Not(A)),
        ("NOT NOT 营商", A),
        ("-(营商 满意度)", Not(And((A, B)))),
        ("-“营 商”", Not(A)),
        ("营商 AND (满意度 AND (98))", And((A, B, C))),
        ('"资金 到位"', Term("资金到位")),
        ("“资金 OR 到位”", Term("资金or到位")),
        ("「资金」“到位”", And((Term("资金"), Term("到位")))),
        ("and or not", And((Term("and"), Term("or"), Term("not")))),
    ],
)
def test_the_query_language(words: str, query: Query) -> None:
    assert parse(words) == query


@pytest.mark.parametrize(
    ("words", "query"),
    [
        ("AND", Term("and")),
        ("OR 营商", And((Term("or"), A))),
        ("营商 OR", And((A, Term("or")))),
        ("营商 NOT", And((A, Term("not")))),
        ("营商 AND AND 满意度", And((A, Term("and"), B))),
        ("(AND)", Term("and")),
        ("|", Term("|")),
        ("-", Term("-")),
        ("--", Term("--")),
        ("- 营商", And((Term("-"), A))),
        ("2019-2020", Term("2019-2020")),
        ("()", Term("()")),
        ("(((", Term("(((")),
        ("营商(环境", Term("营商(环境")),
        ("营商)环境(", Term("营商)环境(")),
        ('5"', Term('5"')),
        ("“营商", Term("“营商")),
        ('""', EVERYTHING),
        ("营商*", Term("营商*")),
        ("words:x", Term("words:x")),
        ("'; DROP TABLE records; --", And((Term("';"), Term("drop"), Term("table"), Term("records;"), Term("--")))),
    ],
)
def test_what_makes_no_sense_as_an_operator_is_a_word(words: str, query: Query) -> None:
    assert parse(words) == query


@EXAMPLES
@given(WORDS)
def test_any_words_can_be_read(words: str) -> None:
    query = parse(words)
    to_fts5(query), to_tsquery(query), matches(query, words), score(query, words, None, words)
    assert all(words[start:end] for start, end in marks(query, words))


@pytest.mark.parametrize(
    "words",
    [
        "(" * 50_000 + "营" + ")" * 50_000,
        "(a OR (b " * 20_000 + ")" * 40_000,
        "-" * 100_000,
        "NOT " * 50_000,
        "“" * 99_999,
        "|" * 100_000,
    ],
)
def test_a_hundred_thousand_signs_can_be_read(words: str) -> None:
    query = parse(words)
    assert matches(query, "") in (True, False)
    assert len(to_tsquery(query)) >= 0


# A parser's reference: queries are made, written down, and read again.
TERMS = st.sampled_from("营 满意 98 gdp 8% ' \" ( ) | - “ \\ * and".split(" ")).map(Term)
QUERIES = st.recursive(
    TERMS,
    lambda part: st.builds(Not, part) | st.builds(And, st.tuples(part, part)) | st.builds(Or, st.tuples(part, part, part)),
    max_leaves=8,
)
RECORDS = [
    fold(words)
    for words in ("营商满意98", "满意度8%GDP", "营\n商 (a) 'b' and", '-“|”\\ *"c', "98.8%", '营98 and "(', "", "\\'gdp8% ) |")
]


def written(query: Query) -> str:
    match query:
        case Term(folded):
            return f"「{folded}」"
        case Not(part):
            return f"NOT ({written(part)})"
        case And(parts):
            return "(" + " ".join(map(written, parts)) + ")"
        case Or(parts):
            return "(" + " OR ".join(map(written, parts)) + ")"


def holds(query: Query, folded: str) -> bool:
    match query:
        case Term(term):
            return term in folded
        case Not(part):
            return not holds(part, folded)
        case And(parts):
            return all(holds(part, folded) for part in parts)
        case Or(parts):
            return any(holds(part, folded) for part in parts)


@EXAMPLES
@given(QUERIES)
def test_a_query_written_down_is_read_as_it_was_meant(query: Query) -> None:
    again = parse(written(query))
    assert [matches(again, words) for words in RECORDS] == [holds(query, words) for words in RECORDS]


@pytest.fixture(scope="module")
def fts5() -> sqlite3.Connection:
    """RECORDS in an index like the dataset's, numbered from 1."""
    from jixiao.dataset.index import _FTS5

    connection = sqlite3.connect(":memory:")
    connection.execute(_FTS5)
    for number, words in enumerate(RECORDS, 1):
        in_order, others = tokens(words)
        connection.execute("INSERT INTO search (rowid, tokens) VALUES (?, ?)", (number, " ".join((*in_order, *others))))
    return connection


@EXAMPLES
@given(query=QUERIES)
def test_fts5_finds_what_the_query_means(fts5: sqlite3.Connection, query: Query) -> None:
    read = parse(written(query))
    expression, negated = to_fts5(read)
    hits = {number for (number,) in fts5.execute("SELECT rowid FROM search WHERE search MATCH ?", (expression,))}
    everything = set(range(1, len(RECORDS) + 1))
    assert (everything - hits if negated else hits) == {at for at, words in enumerate(RECORDS, 1) if matches(read, words)}


def test_everything_is_what_nothing_does_not_find() -> None:
    assert (to_fts5(EVERYTHING), to_tsquery(EVERYTHING)) == (("", True), "")


@pytest.mark.parametrize(
    ("query", "words", "marked"),
    [
        ("环境", "优化營商環境，环境好", ["環境", "环境"]),
        ("营商环境 商环", "營 商 環境", ["營 商 環境"]),
        ("5%", "增长５％和15%", ["５％", "5%"]),
        ("m2", "新建10㎡", ["㎡"]),
        ("满意 -环境", "环境满意", ["满意"]),
        ("aa", "aaaa", ["aaaa"]),
        ("缺", "满意", []),
        ("", "满意", []),
    ],
)
def test_hits_are_marked_in_the_words_as_they_are(query: str, words: str, marked: list[str]) -> None:
    assert [words[start:end] for start, end in marks(parse(query), words)] == marked


@EXAMPLES
@given(
    st.text(st.sampled_from("满意营商 98％%gG"), max_size=12),
    st.text(st.sampled_from("满意营商 98％%gG"), min_size=1, max_size=2),
)
def test_marks_are_apart_and_say_the_term(words: str, term: str) -> None:
    query = parse(f"「{term}」")
    spans = marks(query, words)
    assert all(one[1] < other[0] for one, other in pairwise(spans))
    assert all(any(part in fold(words[start:end]) for part in sought(query)) for start, end in spans)
    assert bool(spans) == (matches(query, words) and bool(sought(query)))


@pytest.mark.parametrize(
    ("query", "better", "worse"),
    [
        ("满意度", ("满意度", None, "满意度达到95%"), ("群众满意度", None, "满意度95%")),
        ("满意度", ("群众满意度", None, "满意度达到95%"), ("覆盖率", None, "满意度")),
        ("营商", (None, "优化营商环境", "优化营商环境"), ("目标", None, "营商")),
        ("98", (None, None, "达到98家企业的走访"), (None, None, "1998家")),
        ("98", (None, None, "达到98家企业的走访"), (None, None, "98.5%")),
        ("gdp", (None, None, "全年GDP总量增长"), (None, None, "GDPR")),
        ("满意", (None, None, "满意"), (None, None, "比较满意")),
        ("满意 营商", (None, "满意营商", "满意营商"), (None, "满意", "满意营商")),
    ],
)  # fmt: skip
def test_the_better_answer_scores_higher(
    query: str, better: tuple[str | None, str | None, str], worse: tuple[str | None, str | None, str]
) -> None:
    assert score(parse(query), *better) > score(parse(query), *worse)


@pytest.mark.parametrize(
    ("words", "condition"),
    [
        ("actual >= 1亿元", Condition("actual", ">=", Decimal(100_000_000), "元")),
        ("实际≥95%", Condition("actual", ">=", Decimal(95), "%")),
        ("完成 ＞＝ ３．２万人次", Condition("actual", ">=", Decimal(32000), "人次")),
        ("目标 = 三十家", Condition("target", "=", Decimal(30), "家")),
        ("得分＜80", Condition("score", "<", Decimal(80), None)),
        ("score > 9.5分", Condition("score", ">", Decimal("9.5"), None)),
        ("分值 != 10", Condition("weight", "!=", Decimal(10), None)),
        ("自评得分 ≠ 100", Condition("self_score", "!=", Decimal(100), None)),
        ("增减<=-20%", Condition("change", "<=", Decimal(-20), "%")),
        ("change >= 50万元", Condition("change", ">=", Decimal(500_000), "元")),
        ("上年 <> 0", Condition("previous", "!=", Decimal(0), None)),
        ("Actual > 1,234.5万元", Condition("actual", ">", Decimal(12_345_000), "元")),
        ("actual >= 10㎡", Condition("actual", ">=", Decimal(10), "㎡")),
        ("actual >= 1亿", Condition("actual", ">=", Decimal(100_000_000), None)),
    ],
)
def test_conditions_are_read_in_base_units(words: str, condition: Condition) -> None:
    assert parse_condition(words) == condition


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("", "is no condition"),
        ("actual ~ 1", "is no condition"),
        ("1 = 1; DROP TABLE records", "there is no field “1”"),
        ("金额 > 1", "there is no field “金额”"),
        ("actual >>> 1", "compares nothing"),
        ("actual >=", "is no number"),
        ("actual >= 很多", "is no number"),
        ("actual >= 5-6家", "is no number"),
        ("actual >= 2023年", "is no number"),
        ("actual >= 1 OR 1", "is no number"),
        ("actual <= 约5家", "is no number"),
        ("score > 5万元", "score is in points"),
        ("change > 3", "Write its unit"),
    ],
)
def test_a_condition_that_cannot_be_read_is_refused_with_a_sentence(words: str, says: str) -> None:
    with pytest.raises(BadQuery, match=says):
        parse_condition(words)


@EXAMPLES
@given(st.one_of(WORDS, st.builds("{} {} {}".format, st.sampled_from(["actual", "得分"]), st.sampled_from([">", "≥"]), WORDS)))
def test_a_condition_is_read_or_refused(words: str) -> None:
    with suppress(BadQuery):
        assert parse_condition(words).value.is_finite()


@pytest.mark.parametrize(
    ("words", "years"),
    [("2023", Years(2023, 2023)), ("2021..2023", Years(2021, 2023)), ("2021..", Years(2021, None)), ("..2022", Years(None, 2022)), ("２０２１..２０２２", Years(2021, 2022))],
)  # fmt: skip
def test_years(words: str, years: Years) -> None:
    assert parse_years(words) == years
    assert [year for year in range(2019, 2026) if years.has(year)] == [
        year for year in range(2019, 2026) if (years.first or 0) <= year <= (years.last or 9999)
    ]


@pytest.mark.parametrize("words", ["", "..", "abc", "23", "2021-2023", "2023..2021", "2021...2023", "20211"])
def test_what_is_no_year_is_refused(words: str) -> None:
    with pytest.raises(BadQuery, match="write"):
        parse_years(words)
