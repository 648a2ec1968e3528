"""What can go wrong, each with one sentence for the user.

JixiaoError
├── UnreadableInput   the file cannot be read as a report
├── BadPrompt         a prompt file is missing or not in the form of a prompt
└── DamagedPackage    a file that comes with jixiao is missing or damaged
"""


class JixiaoError(Exception):
    """The root of all errors that jixiao raises on purpose; its text is one sentence fit for the user."""


class UnreadableInput(JixiaoError):
    """The input cannot be read as a report: what is wrong, where, and what to do."""


class BadPrompt(JixiaoError):
    """A prompt file is missing or not in the form of a prompt."""


class DamagedPackage(JixiaoError):
    """A file that comes with jixiao is missing or damaged: which, and what to do."""
