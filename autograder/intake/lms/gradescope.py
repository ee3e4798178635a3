"""Gradescope, "Export submissions": `submission_123456/ps1.ipynb` and `submission_metadata.yml`.

The metadata, which Ruby writes, tells for each folder who handed it in (several for a group) and when; without it
nobody is known. Of several
submissions of a student only the active one is exported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from autograder.errors import StudentError
from autograder.intake.entries import Entry, Place
from autograder.intake.handed import Handed, Sender, Told, grouped
from autograder.intake.stamp import moment

NAME, TITLE = "gradescope", "Gradescope"
METADATA = "submission_metadata.yml"
MAX_METADATA = 64 << 20
"""Bytes of the metadata, which hold the results of every former autograder run."""
_FOLDER = re.compile(r"submission_\d+")


def fits(place: Place) -> bool:
    """Folders of numbered submissions, and their metadata."""
    return place == (METADATA,) or _FOLDER.fullmatch(place[0]) is not None


def sort(entries: Sequence[Entry], told: Told) -> tuple[list[Handed], list[Entry]]:
    """One attempt a submitter; a group's counts for each of its members. Raises StudentError without metadata."""
    known = next((entry for entry in entries if entry.place == (METADATA,)), None)
    metadata = _metadata(known) if known is not None else None
    if metadata is None:
        raise StudentError(
            f"The export holds no {METADATA} that can be read: nobody knows whose its folders are.",
            mend="Export the submissions again, and leave the archive as it is.",
        )
    found: dict[str, Handed] = {}
    left = []
    for entry in entries:
        told_of = metadata.get(entry.place[0])
        if entry is known:
            continue
        if len(entry.place) < 2 or not isinstance(told_of, Mapping):
            left.append(entry)
            continue
        for number, sender in enumerate(_senders(told_of, entry.place[0])):
            one = grouped(found, f"{entry.place[0]}:{number}", sender)
            one.when, one.told_by = _when(told_of.get(":created_at")), TITLE
            one.add(entry.place[1:], entry)
    return list(found.values()), left


def _senders(told: Mapping[str, Any], folder: str) -> Iterator[Sender]:
    people = told.get(":submitters")
    people = [p for p in people if isinstance(p, Mapping)] if isinstance(people, list) else []
    for person in people:
        name, *ids = (str(person.get(key) or "").strip() for key in (":name", ":sid", ":email"))
        label = next((word for word in (ids[1], name, ids[0]) if word), folder)
        yield Sender(label, tuple(filter(None, ids)), names=(name,) if name else ())
    if not people:
        yield Sender(folder)


def _when(told: Any) -> datetime | None:
    """Ruby's time: an object that holds the moment in UTC, or the moment itself."""
    if isinstance(told, Mapping):
        told = told.get("utc", told.get("time"))
    if isinstance(told, datetime):
        return told.replace(tzinfo=told.tzinfo or UTC).astimezone(UTC)
    if isinstance(told, str):  # Ruby writes more digits than a time needs
        return moment(re.sub(r"(\.\d{6})\d+", r"\1", told))
    return None


def _metadata(entry: Entry) -> Mapping[str, Any] | None:
    import yaml

    class Reader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """Takes Ruby's objects for the mappings that they are, and makes nothing of them."""

    def plain(loader: Any, suffix: str, node: Any) -> Any:
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node, deep=True)
        return loader.construct_sequence(node) if isinstance(node, yaml.SequenceNode) else node.value

    Reader.add_multi_constructor("!ruby/", plain)
    if entry.fault or entry.size > MAX_METADATA:
        return None
    with entry.open() as file:
        try:
            told = yaml.load(file.read(MAX_METADATA), Loader=Reader)  # noqa: S506 -- a safe loader's child
        except (yaml.YAMLError, ValueError, RecursionError, TypeError):
            return None
    return told if isinstance(told, Mapping) else None
