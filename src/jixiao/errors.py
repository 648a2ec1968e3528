"""What can go wrong, each with one sentence for the user.

JixiaoError
├── UnreadableInput   the file cannot be read as a report
├── BadPrompt         a prompt file is missing or not in the form of a prompt
├── BadLabels         a label file, a fixture or a baseline is missing or not in its form
├── DamagedPackage    a file that comes with jixiao is missing or damaged
└── MissingExtra      a package of an optional extra is not installed
"""


class JixiaoError(Exception):
    """The root of all errors that jixiao raises on purpose; its text is one sentence fit for the user."""


class UnreadableInput(JixiaoError):
    """The input cannot be read as a report: what is wrong, where, and what to do."""


class BadPrompt(JixiaoError):
    """A prompt file is missing or not in the form of a prompt."""


class BadLabels(JixiaoError):
    """A label file, a fixture or a baseline is missing or not in its form."""


class MissingExtra(JixiaoError):
    """A package that only an optional extra installs is missing; the sentence says how to install it."""

    def __init__(self, task: str, extra: str) -> None:
        super().__init__(f"{task} needs packages that are not installed: pip install 'jixiao[{extra}]'")


class DamagedPackage(JixiaoError):
    """A file that comes with jixiao is missing or damaged: which, and what to do."""
