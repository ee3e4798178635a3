"""Opening nbgrader's gradebook, and making one that nbgrader accepts as its own.

Rule: a gradebook is made whole or not at all, stamp included, and the `alembic` program is never needed.

nbgrader itself makes the tables and then runs the program `alembic` to learn the revision to stamp; where
that is not on PATH it leaves a gradebook without a revision. Here tables and stamp are one transaction, and a
gradebook that lacks the stamp gets it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.errors import GraderError
from autograder.gradebook.nbtables import REVISION, gradebook

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, MetaData

COURSE = "default_course"
"""The course that nbgrader enters in every gradebook it opens."""
_UPGRADE = "Bring it up to date: run `nbgrader db upgrade` in the course's folder."


def engine_for(url: str, patience: float = 30.0) -> Engine:
    """An engine on that URL; on SQLite, transactions lock at once and cover CREATE TABLE too."""
    from sqlalchemy import create_engine, event
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    with faults(url):
        try:
            engine = create_engine(url)
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as e:
            mend = "Write [grading] gradebook as nbgrader's db_url, such as sqlite:///gradebook.db."
            raise GraderError(f"{name_of(url)} is no database URL that can be used ({e}).", mend=mend) from None
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _plain_connection(connection: sqlite3.Connection, _record: Any) -> None:
            # Python's sqlite3 opens a transaction late, and none for CREATE TABLE: done by hand below.
            connection.isolation_level = None
            connection.execute(f"PRAGMA busy_timeout = {round(1000 * patience)}")

        @event.listens_for(engine, "begin")
        def _lock(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def prepare(engine: Engine, course: str = COURSE) -> MetaData:
    """Tables of the gradebook, made first where there are none; raises GraderError."""
    from sqlalchemy import inspect

    with faults(str(engine.url)), engine.begin() as connection:
        names = set(inspect(connection).get_table_names())
        if names:
            _check(connection, names)
        else:
            gradebook().create_all(bind=connection)
        if "alembic_version" not in names:
            _stamp(connection)
        table = gradebook().tables["course"]
        for name in dict.fromkeys((COURSE, course or COURSE)):
            if connection.execute(table.select().filter_by(id=name)).first() is None:
                connection.execute(table.insert(), {"id": name})
    return gradebook()


def read(engine: Engine) -> MetaData | None:
    """Tables of an existing gradebook, which is not changed; None where there is none."""
    from sqlalchemy import inspect

    with faults(str(engine.url)):
        file = engine.url.database
        if engine.dialect.name == "sqlite" and file and not Path(file).is_file():
            return None
        with engine.connect() as connection:
            names = set(inspect(connection).get_table_names())
            if names:
                _check(connection, names)
            return gradebook() if names else None


def _stamp(connection: Connection) -> None:
    connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    connection.exec_driver_sql(f"INSERT INTO alembic_version (version_num) VALUES ('{REVISION}')")  # noqa: S608


def _check(connection: Connection, names: set[str]) -> None:
    """Raises GraderError when a table or a column is missing."""
    from sqlalchemy import inspect

    for name, table in gradebook().tables.items():
        there = {c["name"] for c in inspect(connection).get_columns(name)} if name in names else set()
        lacking = sorted(set(table.columns.keys()) - there) if there else [name]
        if lacking:
            where = name_of(str(connection.engine.url))
            told = f"{where} is not a gradebook of nbgrader 0.9: {name} lacks {', '.join(lacking)}."
            raise GraderError(told, mend=_UPGRADE)


def name_of(url: str) -> str:
    """The URL without its password; for SQLite the file alone."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        made = make_url(url)
    except ArgumentError:
        return repr(url)
    return made.database if made.drivername.startswith("sqlite") and made.database else made.render_as_string()


@contextmanager
def faults(url: str) -> Iterator[None]:
    """Turns what the database says into a GraderError that names it and the mend."""
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError

    try:
        yield
    except SQLAlchemyError as e:
        original = e.orig if isinstance(e, DBAPIError) and e.orig is not None else e
        code = getattr(original, "sqlite_errorname", "")
        if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            said, mend = (
                "is locked by another program",
                "Close it (a running nbgrader, a database browser) and start again.",
            )
        elif code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            said, mend = (
                f"is damaged ({original})",
                "Move it away: it is written anew from the ledger, but for marks given by hand.",
            )
        else:
            said, mend = (
                f"cannot be used ({original})",
                "Check [grading] gradebook in course.toml, the folder's rights and the disk.",
            )
        raise GraderError(f"{name_of(url)} {said}.", mend=mend) from e
