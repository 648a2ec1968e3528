"""What can go wrong, each with one sentence for the user.

JixiaoError
├── UnreadableInput   the file cannot be read as a report
├── BadPrompt         a prompt file is missing or not in the form of a prompt
├── BadLabels         a label file, a fixture or a baseline is missing or not in its form
├── DamagedPackage    a file that comes with jixiao is missing or damaged
├── BadSettings       a setting of the model path is wrong or missing
├── DatasetError      a dataset is not there, cannot be opened, read or written
├── BadQuery          a search's condition, year, sort or length cannot be taken
├── ClusterError      a cluster cannot be reached, or was lost
├── BadReview         a reviewer's decision cannot be taken
├── EndpointError     a model's endpoint did not give an answer
│   ├── EndpointDead      and will not: unreachable, key refused, no such model
│   │   └── BudgetSpent       the run has used the tokens or the money it was given
│   ├── PromptTooLong     the prompt does not fit the model's context
│   └── ModeRefused       the endpoint cannot be asked in this mode
└── MissingExtra      a package of an optional extra is not installed
"""

from typing import Self

from jixiao.usage import Usage


class JixiaoError(Exception):
    """The root of all errors that jixiao raises on purpose; its text is one sentence fit for the user."""


class UnreadableInput(JixiaoError):
    """The input cannot be read as a report: what is wrong, where, and what to do."""


class BadPrompt(JixiaoError):
    """A prompt file is missing or not in the form of a prompt."""


class BadLabels(JixiaoError):
    """A label file, a fixture or a baseline is missing or not in its form."""


class BadSettings(JixiaoError):
    """A setting of the model path is wrong or missing: which, and how to mend it."""


class DatasetError(JixiaoError):
    """A dataset is not there, is none, is of a newer version, or cannot be read or written: what to do."""


class BadQuery(JixiaoError):
    """A part of a search cannot be taken: which, and how it is written. Its words always can, but for their length."""


class ClusterError(JixiaoError):
    """A cluster cannot be reached, does not fit, or was lost: what to do."""


class BadReview(JixiaoError):
    """A reviewer's decision cannot be taken: its record is not there, or its words or numbers are not the report's."""


class EndpointError(JixiaoError):
    """A model's endpoint did not give an answer to a request, after all retries."""

    usage: Usage | None = None
    """Where a whole report failed of it: what the report had cost until then."""


class EndpointDead(EndpointError):
    """The endpoint will answer no request of this run: it cannot be reached, refuses the key or has no such model."""


class PromptTooLong(EndpointError):
    """The prompt does not fit the model's context."""


class ModeRefused(EndpointError):
    """The endpoint cannot be asked for structured output in this mode."""


class BudgetSpent(EndpointDead):
    """The run has used the tokens or the money it was given."""


class MissingExtra(JixiaoError):
    """A package that only an optional extra installs is missing; the sentence says how to install it."""

    def __init__(self, task: str, extra: str) -> None:
        super().__init__(f"{task} needs packages that are not installed: pip install 'jixiao[{extra}]'")
        self._of = task, extra

    def __reduce__(self) -> tuple[type[Self], tuple[str, str]]:
        return type(self), self._of  # it comes back from workers


class DamagedPackage(JixiaoError):
    """A file that comes with jixiao is missing or damaged: which, and what to do."""
