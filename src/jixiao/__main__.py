"""Runs the command line: python -m jixiao."""

from jixiao.cli import app

app()
