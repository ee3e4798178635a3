"""An attempt is laid out under the caps of a submission, and nothing is written over or outside."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from datetime import UTC
from pathlib import Path

import lmszips as z
import pytest

from autograder.errors import GraderError
from autograder.intake import archive, unpacking
from autograder.intake.handed import Handed
from autograder.intake.unpacking import Laid, Setting, digest, lay_out, stamped

SETTING = Setting(10_000, UTC, frozenset({"ps1.ipynb", "lenet.keras"}))


def laid(
    tmp_path: Path, files: dict[str, bytes | str] | bytes, setting: Setting = SETTING, **options: object
) -> tuple[Laid, list[str]]:
    """What comes of an archive in which all is one student's, and the files that are there."""
    path = tmp_path / "x.zip"
    path.write_bytes(files if isinstance(files, bytes) else z.packed(files))
    one = Handed(z.sender("x"))
    with path.open("rb") as file, archive.zipped(file, "x.zip", UTC) as found:
        for entry in found:
            one.add(entry.place, entry)
        out = lay_out(one, tmp_path / "out", setting, **options)  # type: ignore[arg-type]
    return out, sorted(str(p.relative_to(out.folder)) for p in out.folder.rglob("*") if p.is_file())


def test_files_are_laid_out_with_their_times(tmp_path: Path) -> None:
    """Bytes, folders and times; nothing else."""
    out, there = laid(tmp_path, {"ps1.ipynb": "{}", "data/x.csv": "1,2"})
    assert (["data/x.csv", "ps1.ipynb"], 2, "", []) == (there, out.files, out.fault, out.notes)
    assert "{}" == (out.folder / "ps1.ipynb").read_text()
    assert z.at(2026, 3, 20, 9, 30).timestamp() == (out.folder / "ps1.ipynb").stat().st_mtime


def test_what_leads_out_is_written_nowhere(tmp_path: Path) -> None:
    """Everything else of the student's is taken."""
    out, there = laid(tmp_path, {"ps1.ipynb": "{}", "../../evil.py": "x", "/tmp/evil.py": "x", "C:\\evil.py": "x"})
    assert (["ps1.ipynb"], 3) == (there, sum("was passed over" in note for note in out.notes))
    assert [] == list(tmp_path.rglob("evil*"))


@pytest.mark.parametrize(
    "name", ["Copy of ps1.ipynb", "ps1 (1).ipynb", "ps1-2.ipynb", "ps1_copy.ipynb", "ps1 - Copy.ipynb"]
)
def test_a_notebook_gets_its_own_name_back(tmp_path: Path, name: str) -> None:
    """What browsers and systems make of a name is undone, with a note, where the assignment asks for the plain one."""
    out, there = laid(tmp_path, {name: "{}"})
    assert (["ps1.ipynb"], True) == (there, "taken for ps1.ipynb" in out.notes[0])


def test_a_copy_beside_the_notebook_stays_a_copy(tmp_path: Path) -> None:
    """Which of them counts is not guessed."""
    assert ["other-1.ipynb", "ps1-1.ipynb", "ps1.ipynb"] == laid(
        tmp_path, {"ps1.ipynb": "{}", "ps1-1.ipynb": "{}", "other-1.ipynb": "{}"}
    )[1]


def test_a_zip_that_is_all_is_opened_once(tmp_path: Path) -> None:
    """Its one folder falls away; a zip inside it is a file."""
    inner = z.packed({"hw/ps1.ipynb": "{}", "hw/more.zip": z.packed({"a": "b"})})
    out, there = laid(tmp_path, {"mine.zip": inner})
    assert ["more.zip", "ps1.ipynb"] == there
    assert {"'mine.zip' was opened.", "A zip inside 'mine.zip' was not opened."} == set(out.notes)


def test_a_zip_beside_a_notebook_is_a_file(tmp_path: Path) -> None:
    """And of two zips none is chosen."""
    assert ["data.zip", "ps1.ipynb"] == laid(tmp_path, {"ps1.ipynb": "{}", "data.zip": z.packed({"a": "b"})})[1]


def test_of_two_zips_none_is_chosen(tmp_path: Path) -> None:
    """They stay as they are, and a person reads why."""
    out, there = laid(tmp_path, {"a.zip": z.packed({"ps1.ipynb": ""}), "b.zip": z.packed({"ps1.ipynb": ""})})
    assert (["a.zip", "b.zip"], True) == (there, "none of them was opened" in out.notes[0])


@pytest.mark.parametrize(
    ("inner", "told"),
    [
        (b"Rar!" * 10, "no whole zip"),
        (z.packed({"ps1.ipynb": "{}"})[:-9], "no whole zip"),
        (z.packed({"ps1.ipynb": bytes(3 << 20)}), "made to swell"),
    ],
    ids=["another format", "truncated", "bomb"],
)
def test_a_students_zip_that_cannot_be_opened_leaves_the_attempt_out(tmp_path: Path, inner: bytes, told: str) -> None:
    """Half of it would be graded as all."""
    out, there = laid(tmp_path, {"mine.zip": inner})
    assert told in out.fault
    assert "ps1.ipynb" not in there


def test_a_zip_of_zips_stays_under_the_caps(tmp_path: Path) -> None:
    """Whatever lies within counts against the same submission."""
    out, _ = laid(
        tmp_path, {"mine.zip": z.packed({f"{n}.bin": os.urandom(9_000) for n in range(20)} | {"ps1.ipynb": "{}"})}
    )
    assert "larger than 40,000 bytes" in out.fault
    (tmp_path / "b").mkdir()
    inner = {f"{n}.bin": bytes(9_000) for n in range(20)} | {"ps1.ipynb": "{}"}
    out, there = laid(tmp_path / "b", {"mine.zip": z.packed(inner)})
    assert 40_000 >= sum((out.folder / name).stat().st_size for name in there)
    assert (True, 16) == ("ps1.ipynb" in there, sum("too many" in note for note in out.notes))


def test_large_files_are_passed_over_and_a_large_notebook_leaves_the_attempt_out(tmp_path: Path) -> None:
    """The largest file is the assignment's word; the control takes it."""
    files: dict[str, bytes | str] = {"ps1.ipynb": "{}", "big.bin": os.urandom(10_001)}
    out, there = laid(tmp_path, files)
    assert (["ps1.ipynb"], "") == (there, out.fault)
    (tmp_path / "b").mkdir()
    assert "too many" in laid(tmp_path / "b", {"ps1.ipynb": os.urandom(10_001)})[0].fault
    (tmp_path / "c").mkdir()
    assert "big.bin" in laid(tmp_path / "c", files, Setting(20_000, UTC))[1]


def test_too_many_files_leave_the_attempt_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The count is that of submissions."""
    monkeypatch.setattr(unpacking, "MAX_ENTRIES", 3)
    out, there = laid(tmp_path, {f"{n}.py": "" for n in range(4)})
    assert ([], "It holds 4 files; 3 are allowed.") == (there, out.fault)


@pytest.mark.parametrize("name", ["ps1.ipynb", "data.csv"])
def test_a_link_is_passed_over_or_leaves_the_attempt_out(tmp_path: Path, name: str) -> None:
    """A notebook that is none leaves nothing to grade."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(z.entry("other.ipynb"), "{}")
        made.writestr(z.entry(name, mode=stat.S_IFLNK | 0o777), "/etc/passwd")
    found, there = laid(tmp_path, out.getvalue())
    assert (["other.ipynb"], name == "ps1.ipynb") == (there, bool(found.fault))


def test_damage_leaves_the_attempt_out(tmp_path: Path) -> None:
    """The rest of the archive may be whole."""
    data = bytearray(z.packed({"ps1.ipynb": os.urandom(1000)}))
    data[300] ^= 0xFF
    out, there = laid(tmp_path, bytes(data))
    assert ([], True) == (there, "damaged" in out.fault)


def test_twins_are_both_kept_and_told(tmp_path: Path) -> None:
    """Case and accents: both where the file system can, and a person knows."""
    out, there = laid(tmp_path, {"é.py": "1", "e\u0301.py": "2", "A.py": "3", "a.py": "4", "ps1.ipynb": ""})
    assert (5, 2) == (len(there), sum("differ by case or accents" in note for note in out.notes))


def test_a_file_and_a_folder_of_one_name_do_not_meet(tmp_path: Path) -> None:
    """The second is passed over."""
    out, there = laid(tmp_path, {"ps1.ipynb": "", "a": "1", "a/b": "2"})
    assert (["a", "ps1.ipynb"], True) == (there, "another file has its name" in out.notes[-1])


def test_receipts_are_not_the_students_to_write(tmp_path: Path) -> None:
    """A time that a student packed is not kept; nbgrader's secret only from the exchange."""
    files: dict[str, bytes | str] = {
        "ps1.ipynb": "",
        "timestamp.txt": "2020-01-01 00:00:00 UTC",
        "submission_secret.txt": "s",
    }
    assert ["ps1.ipynb"] == laid(tmp_path, files)[1]
    (tmp_path / "b").mkdir()
    out, there = laid(tmp_path / "b", files, secret=True)
    assert ["ps1.ipynb", "submission_secret.txt"] == there
    stamped(out, z.at(2026, 3, 1, 10))
    assert "2026-03-01 10:00:00.000000 UTC\n" == (out.folder / "timestamp.txt").read_text()


def test_a_full_disk_is_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no fault of the student's, and ends the collecting."""

    def full(*_: object) -> None:
        raise unpacking._full(Path("x"), OSError(28, "No space left on device"))

    monkeypatch.setattr(unpacking, "_write", full)
    with pytest.raises(GraderError, match="No space left"):
        laid(tmp_path, {"ps1.ipynb": "{}"})


def test_equal_submissions_have_equal_digests(tmp_path: Path) -> None:
    """Times and receipts do not count, names and bytes do."""
    folders = [tmp_path / str(n) for n in range(4)]
    for folder, name, text in zip(folders, "aaba", "xxxy", strict=True):
        folder.mkdir()
        (folder / name).write_text(text)
    (folders[1] / "timestamp.txt").write_text("1")
    (folders[1] / "submission_secret.txt").write_text("2")
    first, same, renamed, changed = map(digest, folders)
    assert first == same
    assert 3 == len({first, renamed, changed})
    assert "" == digest(tmp_path / "none")
