"""A template with its own style and script → one page that needs nothing else.

What is put in goes through Jinja's escaping; the page's own script and style are the only ones its content security
policy lets run, and it asks nothing from the network.
"""

import base64
import hashlib
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup


def self_contained(name: str, **values: object) -> str:
    """The page of ``templates/name.html`` in the frame of ``base.html``, with ``name.css`` and, where there is one, ``name.js`` in it."""
    folder = files("jixiao.render") / "templates"
    style = (folder / f"{name}.css").read_text(encoding="utf-8")
    source = folder / f"{name}.js"
    script = source.read_text(encoding="utf-8") if source.is_file() else ""
    scripts = f"'{_hash(script)}'" if script else "'none'"
    environment = Environment(
        loader=PackageLoader("jixiao.render"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    policy = f"default-src 'none'; style-src '{_hash(style)}'; script-src {scripts}; img-src data:; base-uri 'none'; form-action 'none'"
    template = environment.get_template(f"{name}.html")
    return template.render(style=Markup(style), script=Markup(script), policy=policy, **values)


def _hash(source: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
