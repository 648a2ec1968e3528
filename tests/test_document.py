"""Passages: every character of the words that are read knows its place in the text, through cuts and parts."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from jixiao.document import Passage, Span, passage_of

EXAMPLES = settings(max_examples=200, deadline=None)
BLANKS = " \t\u3000\u00a0\n\r\ufeff\u200b"
TEXTS = st.text(alphabet=st.sampled_from("绩效目标完成，。：ab19.%-（）" + BLANKS * 2), min_size=1, max_size=60)


@st.composite
def cut_texts(draw: st.DrawFn) -> tuple[str, list[Span]]:
    """A text and some stretches of it, in order and apart."""
    text = draw(TEXTS)
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), min_size=2, max_size=8)) | {0, len(text)})
    spans = [Span(start, end) for start, end in pairwise(cuts)]
    return text, [span for span in spans if draw(st.booleans())] or spans[:1]


def same(word: str, character: str) -> bool:
    """Whether a character of the words is that of the text; one blank stands for a run of them."""
    return word == character or (word == " " and character in BLANKS)


def places(passage: Passage) -> list[int]:
    return [passage.offset(position) for position in range(len(passage.words))]


@given(cut_texts())
@EXAMPLES
def test_every_character_of_the_words_is_the_same_character_in_the_text(cut: tuple[str, list[Span]]) -> None:
    text, pieces = cut
    passage = passage_of(text, *pieces)
    assert all(same(word, text[at]) for word, at in zip(passage.words, places(passage), strict=True))


@given(cut_texts())
@EXAMPLES
def test_places_ascend_and_stay_inside_the_pieces(cut: tuple[str, list[Span]]) -> None:
    text, pieces = cut
    found = places(passage_of(text, *pieces))
    assert found == sorted(set(found))
    assert all(any(piece.start <= at < piece.end for piece in pieces) for at in found)


@given(cut_texts())
@EXAMPLES
def test_only_blanks_are_left_out(cut: tuple[str, list[Span]]) -> None:
    text, pieces = cut
    kept = "".join(text[piece.start : piece.end] for piece in pieces)
    bare = str.maketrans("", "", BLANKS)
    assert passage_of(text, *pieces).words.translate(bare) == kept.translate(bare)


@given(cut_texts())
@EXAMPLES
def test_position_undoes_offset(cut: tuple[str, list[Span]]) -> None:
    passage = passage_of(cut[0], *cut[1])
    assert [passage.position(at) for at in places(passage)] == list(range(len(passage.words)))


@given(cut_texts(), st.data())
@EXAMPLES
def test_a_span_runs_from_the_first_character_to_the_last(cut: tuple[str, list[Span]], data: st.DataObject) -> None:
    text, pieces = cut
    passage = passage_of(text, *pieces)
    if passage.words:
        start = data.draw(st.integers(0, len(passage.words) - 1))
        end = data.draw(st.integers(start + 1, len(passage.words)))
        span = passage.span(start, end)
        assert (span.start, span.end) == (passage.offset(start), passage.offset(end - 1) + 1)
        assert same(passage.words[start], text[span.start])
        assert same(passage.words[end - 1], text[span.end - 1])


@given(cut_texts(), st.data())
@EXAMPLES
def test_a_part_keeps_the_places_of_its_characters(cut: tuple[str, list[Span]], data: st.DataObject) -> None:
    passage = passage_of(cut[0], *cut[1])
    start = data.draw(st.integers(0, len(passage.words)))
    end = data.draw(st.integers(start, len(passage.words)))
    words = passage.words[start:end]
    part = passage.part(start, end)
    first = start + len(words) - len(words.lstrip())
    assert part.words == words.strip()
    assert places(part) == places(passage)[first : first + len(part.words)]


@given(cut_texts(), st.data())
@EXAMPLES
def test_a_part_of_a_part_is_a_part(cut: tuple[str, list[Span]], data: st.DataObject) -> None:
    passage = passage_of(cut[0], *cut[1])
    outer = passage.part(data.draw(st.integers(0, len(passage.words))), len(passage.words))
    inner = outer.part(0, data.draw(st.integers(0, len(outer.words))))
    assert all(passage.words[passage.position(at)] == word for word, at in zip(inner.words, places(inner), strict=True))


def test_blanks_between_chinese_words_go_and_between_latin_words_one_stays() -> None:
    text = "绩 效　目标  PM  2.5 \t完成 10 次"
    assert passage_of(text, Span(0, len(text))).words == "绩效目标PM 2.5完成10次"


def test_wrapped_lines_are_joined_and_keep_their_places() -> None:
    text = "农村供\n  水保障"
    passage = passage_of(text, Span(0, 3), Span(4, 9))
    assert passage == Passage("农村供水保障", (0, 3), (0, 6))
    assert passage.span(2, 4) == Span(2, 7)
    assert passage.part(2, 4) == Passage("供水", (0, 1), (2, 6))


def test_an_offset_between_pieces_belongs_to_the_next_character_that_was_kept() -> None:
    passage = passage_of("农村供\n  水保障", Span(0, 3), Span(4, 9))
    assert [passage.position(at) for at in (0, 2, 3, 4, 5, 6, 8)] == [0, 2, 3, 3, 3, 3, 5]


def test_blank_pieces_make_an_empty_passage_where_they_stand() -> None:
    assert passage_of("绩  效", Span(1, 3)).words == ""
    assert passage_of("绩  效", Span(1, 2), Span(2, 3)) == Passage("", (0,), (1,))
