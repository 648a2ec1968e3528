"""Tokens: counted as tiktoken counts them, offline, and on any text."""

import gzip
import hashlib
import importlib
import subprocess
import sys
import time
from pathlib import Path

import pytest

import jixiao.tokens
from jixiao.errors import DamagedPackage
from jixiao.tokens import ENCODING, count_tokens, load_encoding

ROOT = Path(__file__).parent.parent
SHIPPED = ROOT / "src" / "jixiao" / "encodings"

OFFLINE = """
import os, socket, sys
def refuse(*arguments, **named): raise OSError("no network here")
socket.socket = socket.create_connection = socket.getaddrinfo = refuse
os.environ["TIKTOKEN_CACHE_DIR"] = sys.argv[1]
import tiktoken
from jixiao.tokens import count_tokens
print(count_tokens("年初预算数499.62万元"), tiktoken.get_encoding("o200k_base").n_vocab, "requests" in sys.modules)
"""


def test_tokens_are_counted_without_a_network_and_without_a_file_written(tmp_path: Path) -> None:
    line = [sys.executable, "-c", OFFLINE, str(tmp_path)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, ["8", "200019", "False"], "")
    assert list(tmp_path.iterdir()) == []


def test_the_shipped_file_is_the_genuine_one_and_has_its_licence_beside_it() -> None:
    data = gzip.decompress((SHIPPED / f"{ENCODING}.tiktoken.gz").read_bytes())
    assert hashlib.sha256(data).hexdigest() == "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
    assert "Copyright (c) 2022 OpenAI" in (SHIPPED / "LICENSE").read_text(encoding="utf-8")


def test_the_encoding_is_tiktokens_own_in_every_part(monkeypatch: pytest.MonkeyPatch) -> None:
    openai_public = importlib.import_module("tiktoken_ext.openai_public")
    monkeypatch.setattr(openai_public, "load_tiktoken_bpe", lambda url, expected_hash: {"file": expected_hash})
    theirs = openai_public.o200k_base()
    assert (theirs["pat_str"], theirs["special_tokens"]) == (jixiao.tokens._PATTERN, jixiao.tokens._SPECIAL)
    assert theirs["mergeable_ranks"] == {"file": jixiao.tokens._SHA256}


def test_tiktoken_and_its_models_find_the_encoding_by_name() -> None:
    import tiktoken

    ours = load_encoding()
    assert tiktoken.get_encoding(ENCODING) is ours
    assert tiktoken.encoding_for_model("gpt-4o") is ours


@pytest.mark.parametrize(("words", "tokens"), [("", 0), ("绩效", 2), ("<|endoftext|>", 7), ("\ud800", 1), ("1234", 2)])
def test_any_words_are_counted(words: str, tokens: int) -> None:
    assert count_tokens(words) == tokens


@pytest.mark.parametrize("character", ["的", "1", " ", "\u3000", "\n", "-", "a", "绩", "\u0301"])
def test_one_character_over_and_over_is_counted_in_linear_time(character: str) -> None:
    count_tokens(character)
    start = time.process_time()
    counts = [count_tokens(character * length) for length in (100_000, 1_000_000)]
    assert time.process_time() - start < 10
    assert 9 * counts[0] <= counts[1] <= 10 * counts[0]


@pytest.mark.parametrize("data", [b"", b"no gzip", gzip.compress(b"IQ== 0\n"), gzip.compress(b"IQ== 0\n" * 9)[:-9]])
def test_a_damaged_encoding_is_refused_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    (tmp_path / "encodings").mkdir()
    (tmp_path / "encodings" / f"{ENCODING}.tiktoken.gz").write_bytes(data)
    monkeypatch.setattr(jixiao.tokens, "files", lambda package: tmp_path)
    monkeypatch.setattr("tiktoken.registry.ENCODINGS", {})
    with pytest.raises(DamagedPackage, match="comes with jixiao"):
        load_encoding.__wrapped__()
