"""Records → what a person reads: a card in the terminal, a page in the browser. Knows records, no engine."""
