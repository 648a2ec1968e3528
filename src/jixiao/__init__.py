"""jixiao (绩效): Chinese performance reports → typed, source-grounded records.

``read`` makes a document of a file, ``extract`` its records by rules, ``open_engine`` an engine with a model in it. Names are loaded when they are first asked for, so that
``import jixiao`` costs nothing.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jixiao.errors import BadPrompt, JixiaoError, UnreadableInput
    from jixiao.pipeline import extract, open_engine, read
    from jixiao.records import Completion, Evidence, Extraction, Goal, Issue, Measure, Measurement, Metric, Report
    from jixiao.settings import load_settings

__version__ = "0.1.0"
__all__ = [
    "BadPrompt",
    "Completion",
    "Evidence",
    "Extraction",
    "Goal",
    "Issue",
    "JixiaoError",
    "Measure",
    "Measurement",
    "Metric",
    "Report",
    "UnreadableInput",
    "__version__",
    "extract",
    "load_settings",
    "open_engine",
    "read",
]

_ROOMS = {"extract": "pipeline", "open_engine": "pipeline", "read": "pipeline", "load_settings": "settings"} | dict.fromkeys(
    ("BadPrompt", "JixiaoError", "UnreadableInput"), "errors"
)


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'jixiao' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"jixiao.{_ROOMS.get(name, 'records')}"), name)
