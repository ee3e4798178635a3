"""A table of `course.toml` against the schema.

Rule: whatever is wrong is a UsageError with the line and the mend.
"""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import Any

from autograder.course.schema import ASSIGNMENT, LIMITS, SCHEMA, Check
from autograder.course.values import NAME
from autograder.errors import UsageError


class Reader:
    """Checks the table key by key, and knows on which line a key stands."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.lines = text.splitlines()

    def read(self, table: dict[str, Any]) -> dict[str, Any]:
        self._known(table, [*SCHEMA, "assignments"], "")
        out = {name: self._section(table.get(name, {}), keys, name) for name, keys in SCHEMA.items()}
        assignments = self._table(table.get("assignments", {}), "assignments")
        for name in assignments:
            if not NAME.fullmatch(name):
                mend = "Begin with a letter or digit, and use letters, digits, spaces, - _ and . alone."
                raise UsageError(f"{self.at('assignments', name)}: {name!r} is no name of a folder.", mend=mend)
        out["assignments"] = {name: self._assignment(entry, name) for name, entry in assignments.items()}
        return out

    def _assignment(self, entry: Any, name: str) -> dict[str, Any]:
        where = f"assignments.{name}"
        entry = dict(self._table(entry, where))
        limits = self._section(entry.pop("limits", {}), LIMITS, f"{where}.limits")
        return {**self._section(entry, ASSIGNMENT, where, extra=("limits",)), "limits": limits}

    def _section(self, table: Any, keys: dict[str, Check], where: str, extra: tuple[str, ...] = ()) -> dict[str, Any]:
        self._known(self._table(table, where), [*keys, *extra], where)
        return {key: self._value(keys[key], value, where, key) for key, value in table.items()}

    def _value(self, check: Check, value: Any, where: str, key: str) -> Any:
        try:
            return check(value)
        except ValueError as e:
            raise UsageError(f"{self.at(where, key)}: {key} = {value!r} is wrong.", mend=f"Give {e}.") from None

    def _table(self, value: Any, where: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            mend = f"Write [{where}] on a line of its own."
            raise UsageError(f"{self.at('', where)}: {where!r} must be a section.", mend=mend)
        return value

    def _known(self, table: dict[str, Any], keys: list[str], where: str) -> None:
        for key in table:
            if key not in keys:
                near = difflib.get_close_matches(key, keys, 1, 0.5)
                mend = f"Did you mean {near[0]!r}?" if near else f"Known here: {', '.join(keys)}."
                place = f" in [{where}]" if where else ""
                raise UsageError(f"{self.at(where, key)}: there is no key {key!r}{place}.", mend=mend)

    def at(self, where: str, key: str) -> str:
        """`course.toml, line N` of that key in that section; without the line where it cannot be told."""
        section, wanted, holder = "", dotted(where, key), dotted(where)
        fallback = str(self.path)
        for number, line in enumerate(self.lines, 1):
            place = f"{self.path}, line {number}"
            header = re.match(r"\s*\[+([^\]]+)\]", line)
            if header:
                section = dotted(header[1])
                if section == wanted:
                    return place
            named = None if header else re.match(r"""([\w.\-"' ]+)=""", line)
            found = dotted(section, named[1]) if named else ""
            if found == wanted:
                return place
            if found and found == holder:  # an inline table: `limits = {memory = 3}`
                fallback = place
        return fallback


def dotted(*parts: str) -> str:
    """A dotted key without quotes and spaces, which TOML allows anywhere in it."""
    return ".".join(re.sub(r"[\s\"']", "", part) for part in parts if part)
