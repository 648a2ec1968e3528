"""Words → how many tokens (词元) a model counts in them, without a network.

tiktoken fetches its encodings from the internet; behind a ministry's firewall there is none, so its o200k_base comes
with jixiao and is handed to tiktoken. Knows one encoding only: for models other than OpenAI's the count is an estimate
(the sample report has 6,216 tokens here and 5,475 in Qwen3).
"""

import binascii
import gzip
import hashlib
import zlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from jixiao.errors import DamagedPackage

if TYPE_CHECKING:
    from tiktoken import Encoding

ENCODING = "o200k_base"
_SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"  # as in tiktoken_ext.openai_public
_SPECIAL = {"<|endoftext|>": 199999, "<|endofprompt|>": 200018}
_UPPER, _LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_TAIL = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
# tiktoken's own; asking it for the pattern would start the download. A test compares the two.
_PATTERN = "|".join(
    [
        rf"[^\r\n\p{{L}}\p{{N}}]?{_UPPER}*{_LOWER}+{_TAIL}",
        rf"[^\r\n\p{{L}}\p{{N}}]?{_UPPER}+{_LOWER}*{_TAIL}",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    ]
)
_LONGEST = 100_000  # on a million blanks tiktoken's pattern overflows its stack


def count_tokens(words: str) -> int:
    """How many tokens of o200k_base are in ``words``; what looks like a special token is text like any other.

    Text over 100,000 characters is counted in pieces of that length, which may add a token for each piece.

    Raises:
        DamagedPackage: the encoding that comes with jixiao is missing or damaged.
    """
    encode = load_encoding().encode_ordinary
    if len(words) <= _LONGEST:
        return len(encode(words))
    return sum(len(encode(words[start : start + _LONGEST])) for start in range(0, len(words), _LONGEST))


@cache
def load_encoding() -> "Encoding":
    """The encoding that comes with jixiao, known to tiktoken by its name from then on; loaded once, in about ½ s.

    Raises:
        DamagedPackage: as in :func:`count_tokens`.
    """
    import tiktoken.registry

    known = tiktoken.registry.ENCODINGS
    if ENCODING not in known:
        known[ENCODING] = tiktoken.Encoding(
            ENCODING, pat_str=_PATTERN, mergeable_ranks=_ranks(_shipped()), special_tokens=dict(_SPECIAL)
        )
    return known[ENCODING]


def _shipped() -> bytes:
    """The encoding file, unpacked and checked."""
    name = f"{ENCODING}.tiktoken.gz"
    try:
        data = gzip.decompress((files("jixiao") / "encodings" / name).read_bytes())
    except (OSError, EOFError, zlib.error) as exc:
        raise DamagedPackage(f"{name}, which comes with jixiao, cannot be read ({exc}); install jixiao again.") from exc
    if hashlib.sha256(data).hexdigest() != _SHA256:
        raise DamagedPackage(f"{name}, which comes with jixiao, is not the file it should be; install jixiao again.")
    return data


def _ranks(data: bytes) -> dict[bytes, int]:
    """Tokens and their ranks: lines of a token in base64 and its rank."""
    fields = data.split()
    return dict(zip(map(binascii.a2b_base64, fields[::2]), map(int, fields[1::2]), strict=True))
