"""An archive is measured before it is believed; for each refusal a control shows what it prevents."""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import lmszips as z
import pytest

from autograder.errors import StudentError
from autograder.intake import archive
from autograder.intake.entries import Entry

MB = 1 << 20


def entries(data: bytes, most: int = 1000) -> list[Entry]:
    """The entries of these bytes; their contents cannot be read afterwards."""
    with opened(data) as file, archive.zipped(file, "x.zip", UTC, most) as found:
        return found


def opened(data: bytes) -> io.BufferedRandom:
    """A file with these bytes."""
    import tempfile

    file = tempfile.TemporaryFile()  # noqa: SIM115
    file.write(data)
    file.flush()
    return file  # type: ignore[return-value]


def content(data: bytes, number: int = 0) -> bytes:
    """What an entry holds."""
    with opened(data) as file, archive.zipped(file, "x.zip", UTC) as found, found[number].open() as one:
        return one.read()


def test_files_are_listed_and_read() -> None:
    """Name, size, time and bytes."""
    data = z.packed({"a/ps1.ipynb": "{}", "a/": "", "__MACOSX/a": "x"})
    (one,) = entries(data)
    assert (("a", "ps1.ipynb"), 2, "", z.at(2026, 3, 20, 9, 30)) == (one.place, one.size, one.fault, one.time)
    assert b"{}" == content(data)


def test_a_time_without_a_zone_is_the_zones() -> None:
    """Half past nine in Seoul is half past midnight."""
    with opened(z.packed({"a": "x"})) as file, archive.zipped(file, "x", ZoneInfo("Asia/Seoul")) as found:
        assert z.at(2026, 3, 20, 0, 30) == found[0].time


def test_an_extended_time_is_utc() -> None:
    """Info-ZIP's own field stands above the entry's time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        info = z.entry("a")
        info.extra = b"UT\x05\x00\x01" + int(z.at(2026, 1, 2, 3, 4).timestamp()).to_bytes(4, "little")
        made.writestr(info, "x")
    assert z.at(2026, 1, 2, 3, 4) == entries(out.getvalue())[0].time


def test_no_time_is_no_time() -> None:
    """1980 is what writers give who know none."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(z.entry("a", (1980, 1, 1, 0, 0, 0)), "x")
    assert entries(out.getvalue())[0].time is None


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_only_regular_files_are_taken(kind: int) -> None:
    """Links, pipes, devices and sockets are named as what they are."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(z.entry("ps1.ipynb", mode=kind | 0o777), "/etc/passwd")
    assert "not a file" in entries(out.getvalue())[0].fault


def test_a_link_that_is_believed_leads_elsewhere(tmp_path: Path) -> None:
    """The control: who unpacks a link as the archive has it reads the file it names."""
    (tmp_path / "secret").write_text("marks")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(z.entry("ps1.ipynb", mode=stat.S_IFLNK | 0o777), str(tmp_path / "secret"))
    with zipfile.ZipFile(out) as found:
        (info,) = found.infolist()
        assert stat.S_ISLNK(info.external_attr >> 16)
        (tmp_path / "ps1.ipynb").symlink_to(found.read(info).decode())
    assert "marks" == (tmp_path / "ps1.ipynb").read_text()


def test_a_bomb_is_refused_by_its_ratio() -> None:
    """Thirty megabytes of nothing would come of thirty kilobytes; the control is that they do."""
    data = z.packed({"bomb.ipynb": bytes(30 * MB), "ps1.ipynb": "{}"})
    assert ["it is made to swell", ""] == [e.fault.split(": ")[-1] for e in entries(data)]
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        assert 30 * MB == len(found.read("bomb.ipynb")) > 200 * len(data)


def test_a_size_that_lies_ends_the_reading() -> None:
    """What is longer than the table says is damaged, and no more of it is read than was said."""
    data = z.packed({"ps1.ipynb": bytes(100_000)})
    lying = data.replace((100_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lying != data
    with pytest.raises(StudentError, match="damaged"):
        content(lying)
    assert 100_000 == len(content(data))


def test_files_that_overlap_are_refused() -> None:
    """Many names for the same packed bytes: the whole would be larger than the archive could hold."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(z.entry("a"), os.urandom(50_000))
        for name in "bcdef":
            info = z.entry(name)
            first = made.infolist()[0]
            for key in ("CRC", "compress_size", "file_size", "header_offset", "compress_type"):
                setattr(info, key, getattr(first, key))
            made.filelist.append(info)
    with pytest.raises(StudentError, match="overlap"):
        entries(out.getvalue())
    with zipfile.ZipFile(out) as found:  # the control: the table of contents is believed
        assert 6 * 50_000 == sum(info.file_size for info in found.infolist())


def _lying(files: int, *, wide: bool) -> bytes:
    """A zip that tells of a small table of contents where one looks first, and of the true one where Python does."""
    row = struct.pack("<4s4B4HL2L5H2L", b"PK\1\2", 20, 0, 20, *[0] * 8, 1, *[0] * 6) + b"a"
    table = row * files
    if not wide:
        return table + struct.pack("<4s4s2H2LH", b"PK\5\6", b"PK\5\6", 1, 1, len(table), 0, 0)
    end = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, files, files, len(table), 0)
    end += struct.pack("<4sLQL", b"PK\6\7", 0, len(table), 1)
    return table + end + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(row), 0, 0)


@pytest.mark.parametrize(
    "data",
    [z.packed({f"{'x' * 200}{n}": "" for n in range(600)}), _lying(3000, wide=True), _lying(3000, wide=False)],
    ids=["honest", "wide", "narrow"],
)
def test_files_are_counted_before_they_are_listed(data: bytes) -> None:
    """A table of contents for more files than are allowed is not read, wherever it stands; the control reads it."""
    with pytest.raises(StudentError, match="table of contents"):
        entries(data, most=10)
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        count = len(found.infolist())
        assert count > 500
    with pytest.raises(StudentError, match=rf"{count:,} files"):
        entries(data, most=count - 1)


def test_a_locked_file_is_named() -> None:
    """What has a password is left to the teacher."""
    data = bytearray(z.packed({"ps1.ipynb": "{}"}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(mark) + place] |= 1
    assert "password" in entries(bytes(data))[0].fault


def test_a_method_that_is_not_taken_is_named() -> None:
    """LZMA can ask for gigabytes before it gives the first byte."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as made:
        made.writestr("ps1.ipynb", "{}")
    assert "method 14" in entries(out.getvalue())[0].fault


@pytest.mark.parametrize("cut", [0, 10, -1, -30])
def test_a_truncated_archive_is_refused(cut: int) -> None:
    """An archive without its end is none, and the mend says so."""
    data = z.packed({"ps1.ipynb": "{}" * 100})
    with pytest.raises(StudentError, match="no whole zip"):
        entries(data[:cut])


@pytest.mark.parametrize("data", [b"", b"PK", b"<html>Please log in</html>", b"Rar!\x1a\x07\x00" * 99])
def test_what_is_no_zip_is_refused(data: bytes) -> None:
    """The login page, an empty file, another format."""
    with pytest.raises(StudentError, match="no whole zip"):
        entries(data)


def test_bytes_that_were_changed_are_damaged() -> None:
    """The check sum is that of the archive."""
    data = bytearray(z.packed({"ps1.ipynb": os.urandom(1000)}))
    data[200] ^= 0xFF
    with pytest.raises(StudentError, match="damaged"):
        content(bytes(data))


def test_names_are_read_as_they_were_meant() -> None:
    """UTF-8 without its mark is UTF-8; what is not stays what it was."""
    data = z.packed({"과제.ipynb": "{}"})
    marked = data.replace(b"\x00\x08", b"\x00\x00", 1).replace(b"\x14\x00\x00\x08", b"\x14\x00\x00\x00")
    assert marked != data
    assert ("과제.ipynb",) == entries(marked)[0].place


def test_a_folder_is_read_as_an_archive_is(tmp_path: Path) -> None:
    """Links and pipes are named and not followed."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "ps1.ipynb").write_text("{}")
    (tmp_path / "a" / "link.ipynb").symlink_to("/etc/passwd")
    (tmp_path / "inner").symlink_to("/etc")
    os.mkfifo(tmp_path / "pipe")
    with archive.folder(tmp_path) as found:
        told = {e.path: e.fault for e in found}
        assert {"inner": "it is a link, not a file", "pipe": "it is a FIFO, not a file"} == {
            k: told[k] for k in ("inner", "pipe")
        }
        assert ("", "it is a link, not a file") == (told["a/ps1.ipynb"], told["a/link.ipynb"])
        (one,) = [e for e in found if e.path == "a/ps1.ipynb"]
        with one.open() as file:
            assert b"{}" == file.read()


def test_a_backslash_in_a_folder_parts_no_name(tmp_path: Path) -> None:
    """Neither is another's file opened for it, nor does a folder of that name keep the rest from being read."""
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "b.txt").write_text("hers")
    (tmp_path / "ada\\b.txt").write_text("forged")
    (tmp_path / "x\\y").mkdir()
    (tmp_path / "x\\y" / "z.txt").write_text("x")
    with archive.folder(tmp_path) as found:
        taken = [entry.place for entry in found if not entry.fault]
        left = [entry.place for entry in found if "backslash" in entry.fault]
    assert ([("ada", "b.txt")], [("ada\\b.txt",), ("x\\y",)]) == (taken, sorted(left))


def test_a_folder_of_too_many_files_is_refused(tmp_path: Path) -> None:
    """The cap is that of archives."""
    for n in range(5):
        (tmp_path / str(n)).touch()
    with pytest.raises(StudentError, match="more than 4"), archive.folder(tmp_path, 4):
        pass
