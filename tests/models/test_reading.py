"""Model files are read under caps, without Keras, whatever they are."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import modelfiles
import numpy as np
import pytest

from autograder.errors import StudentError
from autograder.models import architecture, reading, weights


@pytest.mark.parametrize("form", ["whole", "old", "bare"])
def test_layers_shapes_and_parameters_are_read(tmp_path: Path, form: str) -> None:
    """From each of the three formats; bare weights name no settings and no input."""
    path = getattr(modelfiles, form)(tmp_path / {"whole": "m.keras", "old": "m.h5", "bare": "m.weights.h5"}[form])
    found = architecture(str(path))
    (dense,) = found.layers
    assert (15, 15, ((4, 3), (3,))) == (found.parameters, dense.parameters, dense.shapes)
    if form == "bare":
        assert ("dense", None) == (dense.kind, found.input_shape)
    else:
        assert ("Dense", "softmax", 3, (None, 4)) == (
            dense.kind, dense.settings["activation"], dense.settings["units"], found.input_shape)  # fmt: skip
        assert (dense,) == found.of_kind("Dense") and () == found.of_kind("Conv2D")


def test_weights_have_one_hash_whatever_holds_them(tmp_path: Path) -> None:
    """In any format, under any name, in half precision; other numbers have another."""
    renamed = modelfiles.config(modelfiles.INPUT, modelfiles.layer("Dense", "mine", units=3))
    half = [a.astype("float16") for a in modelfiles.kernel()]
    same = [
        modelfiles.whole(tmp_path / "a.keras"),
        modelfiles.old(tmp_path / "b.h5"),
        modelfiles.bare(tmp_path / "c.weights.h5"),
        modelfiles.whole(tmp_path / "d.keras", renamed, lambda file: modelfiles.weights(file, {"mine": half})),
    ]
    other = modelfiles.bare(tmp_path / "e.weights.h5", {"dense": modelfiles.kernel(1)})
    assert 1 == len({reading.read(path)["weights"] for path in same})
    assert reading.read(other)["weights"] != reading.read(same[0])["weights"]


def test_layers_within_models_are_found(tmp_path: Path) -> None:
    """By the names of both; what no layer is named for stands for itself; optimisers and seeds do not count."""
    inner = modelfiles.config(modelfiles.layer("Dense", "dense", units=3))
    inner["config"]["name"] = "base"
    told = modelfiles.config(modelfiles.INPUT, inner, modelfiles.layer("Dropout", "dropout", rate=0.5))

    def fill(file: h5py.File) -> None:
        modelfiles.weights(file, {"dense": modelfiles.kernel()})
        file["layers/dropout/seed_generator/vars/0"] = np.zeros(2, "uint32")
        file["optimizer/vars/0"] = np.zeros(99)
        file["extra/vars/0"] = np.zeros(7)

    found = architecture(str(modelfiles.whole(tmp_path / "m.keras", told, fill)))
    assert [("base/dense", 15), ("dropout", 0), ("extra", 7)] == [(one.name, one.parameters) for one in found.layers]


def test_the_order_of_weights_is_get_weights_own(tmp_path: Path) -> None:
    """By number, not by text: a layer may have more than ten."""
    many = [np.zeros(n + 1, "float32") for n in range(12)]
    found = architecture(str(modelfiles.bare(tmp_path / "m.weights.h5", {"dense": many})))
    assert tuple((n + 1,) for n in range(12)) == found.layers[0].shapes


def lambda_layer(code: Any) -> dict[str, Any]:
    """A Lambda layer that carries code."""
    return modelfiles.layer("Lambda", "lambda", function=code, arguments={})


CODE = {"class_name": "__lambda__", "config": {"code": "4wAAAAA=", "defaults": None, "closure": None}}
CONFIGS = {
    "Lambda": (modelfiles.config(modelfiles.INPUT, lambda_layer(CODE)), "Lambda layer with code"),
    "Lambda, as of old": (modelfiles.config(modelfiles.INPUT, lambda_layer(["4wAAAAA=", None, None])), "Lambda layer with code"),
    "a call of the system": (modelfiles.config({"module": "os", "class_name": "system", "config": "ls"}), "'os.system'"),
    "a class of the system": (
        modelfiles.config(modelfiles.layer("Dense", "d", kernel_initializer={"module": "subprocess", "class_name": "Popen", "config": {}})),
        "'subprocess.Popen'",
    ),
    "eval": (modelfiles.config({"module": "builtins", "class_name": "eval", "config": "1"}), "'eval' of Python itself"),
    "NumPy": (modelfiles.config({"module": "numpy", "class_name": "load", "config": {"file": "x"}}), "'numpy.load'"),
    "a name like Keras's": (modelfiles.config({"module": "kerass.x", "class_name": "y", "config": {}}), "'kerass.x.y'"),
    "no model": ([1, 2], "describes no model"),
    "a layer that is none": ({"class_name": "Sequential", "config": {"layers": [{"class_name": 3}]}}, "a layer that is none"),
    "deep": ('{"a":' * 100 + "1" + "}" * 100, "too large or too deep"),
    "very deep": ("[" * 200_000, "damaged"),
    "wide": ("[" + "{}," * 250_000 + "{}]", "too large or too deep"),
    "not JSON": ("{", "damaged"),
    "not UTF-8": (b"\xff\xfe{}", "damaged"),
    "empty": ("", "or empty"),
    "a number of a million digits": ('{"class_name": "S", "config": ' + "9" * 10**6 + "}", "damaged"),
    "larger than any": (" " * (9 << 20) + "{}", "larger than"),
}  # fmt: skip


@pytest.mark.parametrize("name", CONFIGS)
def test_a_hostile_configuration_is_refused(tmp_path: Path, name: str) -> None:
    """In one sentence that names the file; nothing that it names is looked up."""
    told, says = CONFIGS[name]
    with pytest.raises(StudentError, match=rf"^m\.keras.*{says}"):
        reading.read(modelfiles.whole(tmp_path / "m.keras", told))


def test_the_same_holds_for_the_older_format(tmp_path: Path) -> None:
    """Whose safe mode Keras once ignored."""
    with pytest.raises(StudentError, match="Lambda layer"):
        reading.read(modelfiles.old(tmp_path / "m.h5", CONFIGS["Lambda, as of old"][0]))


def external_link(file: h5py.File, secret: Path) -> None:
    file["layers/dense/vars/0"] = h5py.ExternalLink(str(secret), "labels")


def soft_link(file: h5py.File, secret: Path) -> None:
    modelfiles.weights(file, {"dense": modelfiles.kernel()})
    file["layers/other/vars/0"] = h5py.SoftLink("/layers/dense/vars/0")


def linked_group(file: h5py.File, secret: Path) -> None:
    file["layers/dense/vars"] = h5py.ExternalLink(str(secret), "/")


def external_storage(file: h5py.File, secret: Path) -> None:
    group = file.create_group("layers/dense/vars")
    group.create_dataset("0", shape=(10,), dtype="u1", external=[(str(secret), 0, 10)])


def virtual(file: h5py.File, secret: Path) -> None:
    layout = h5py.VirtualLayout(shape=(10,), dtype="i8")
    layout[:] = h5py.VirtualSource(str(secret), "labels", shape=(10,))
    file.create_group("layers/dense/vars").create_virtual_dataset("0", layout)


BORROWING = {f.__name__: f for f in (external_link, soft_link, linked_group, external_storage, virtual)}


@pytest.mark.parametrize("name", BORROWING)
def test_weights_that_lie_elsewhere_are_refused(tmp_path: Path, name: str) -> None:
    """The control: h5py itself follows every one of them, and reads another's file."""
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["labels"] = np.arange(10)
        file["0"] = np.arange(10)
    data = modelfiles.hdf5(lambda file: BORROWING[name](file, secret))
    (tmp_path / "m.weights.h5").write_bytes(data)
    with h5py.File(tmp_path / "m.weights.h5") as file:
        place = "layers/other/vars/0" if name == "soft_link" else "layers/dense/vars/0"
        assert len(file[place][()]) >= 4
    with pytest.raises(StudentError, match="no model needs"):
        reading.read(tmp_path / "m.weights.h5")


def test_a_shape_bomb_is_refused_before_it_costs_memory(tmp_path: Path) -> None:
    """The control: h5py gives 80 million numbers out of a file of a few kilobytes."""

    def fill(file: h5py.File, count: int = 80_000_000) -> None:
        file.create_dataset("layers/dense/vars/0", shape=(count,), dtype="f4", chunks=(1 << 20,))

    path = tmp_path / "m.weights.h5"
    path.write_bytes(modelfiles.hdf5(fill))
    assert path.stat().st_size < 10_000
    with h5py.File(path) as file:
        assert 320_000_000 == file["layers/dense/vars/0"][()].nbytes
    with pytest.raises(StudentError, match="declares 80,000,000 numbers"):
        reading.read(path)
    path.write_bytes(modelfiles.hdf5(lambda file: fill(file, 10**15)))
    with pytest.raises(StudentError, match="declares"):
        reading.read(path)


def test_numbers_that_unpack_to_too_much_are_refused(tmp_path: Path) -> None:
    """All arrays share one bound, and so do the parts of an archive."""

    def fill(file: h5py.File) -> None:
        for place in range(3):
            file.create_dataset(f"layers/dense/vars/{place}", data=np.zeros(100_000, "f4"), compression="gzip")

    path = tmp_path / "m.weights.h5"
    path.write_bytes(modelfiles.hdf5(fill))
    with path.open("rb") as file, pytest.raises(StudentError, match="more than the file can hold"):
        weights.read(file, 1_000_000)
    with zipfile.ZipFile(tmp_path / "m.keras", "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("config.json", json.dumps(modelfiles.config(modelfiles.INPUT)) + " " * 5_000_000)
    with pytest.raises(StudentError, match="would be unpacked"):
        reading.read(tmp_path / "m.keras")


def cyclic(file: h5py.File) -> None:
    group = file.create_group("layers/a/vars")
    for n in range(5):
        group[f"again{n}"] = file["layers"]


def crowded(file: h5py.File) -> None:
    for n in range(25_000):
        file.create_group(f"layers/l{n}")


def texts(file: h5py.File) -> None:
    file["layers/dense/vars/0"] = "a text"


def references(file: h5py.File) -> None:
    held = file.create_dataset("layers/dense/vars/0", (2,), dtype=h5py.ref_dtype)
    held[0] = file.ref


ODD = {f.__name__: f for f in (cyclic, crowded, texts, references)}


@pytest.mark.parametrize("name", ODD)
def test_odd_weights_are_refused(tmp_path: Path, name: str) -> None:
    """Groups within themselves, crowds of groups, things that are no numbers."""
    (tmp_path / "m.weights.h5").write_bytes(modelfiles.hdf5(ODD[name]))
    with pytest.raises(
        StudentError,
        match=r"^m\.weights\.h5(: its groups lie too deep|: it holds more than|: .* no array| is damaged)",
    ):
        reading.read(tmp_path / "m.weights.h5")


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("m.keras", b"", "it is empty"),
        ("m.keras", b"\x80\x04N.", "a pickle, which runs code"),
        ("m.h5", b"\x80\x04N.", "a pickle, which runs code"),
        ("m.keras", b"\x89HDF\r\n\x1a\n" + bytes(99), "an HDF5 file, not a .keras"),
        ("m.h5", b"PK\x03\x04" + bytes(99), "a ZIP archive, not an HDF5"),
        ("m.keras", b"PK\x03\x04" + bytes(99), "damaged"),
        ("m.h5", b"\x89HDF\r\n\x1a\n" + bytes(99), "damaged"),
        ("m.keras", b"hello, here is my model", "something else"),
    ],
)
def test_what_is_no_model_file_is_named_for_what_it_is(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    """A student can mend only what he understands."""
    (tmp_path / name).write_bytes(data)
    with pytest.raises(StudentError, match=says):
        reading.read(tmp_path / name)


def test_every_cut_of_a_file_is_a_sentence(tmp_path: Path) -> None:
    """Nothing but StudentError comes out of a file that was broken off anywhere, or of which a byte was changed."""
    for path in (modelfiles.whole(tmp_path / "m.keras"), modelfiles.old(tmp_path / "m.h5")):
        data = path.read_bytes()
        draw = np.random.default_rng(7)
        for _ in range(60):
            cut, place = int(draw.integers(len(data))), int(draw.integers(len(data)))
            broken = bytearray(data[:cut] if draw.random() < 0.5 else data)
            if broken:
                broken[place % len(broken)] ^= 1 << int(draw.integers(8))
            path.write_bytes(broken)
            try:
                reading.read(path)
            except StudentError as why:
                assert path.name in str(why)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """As a student would read it."""
    with pytest.raises(StudentError, match=r"There is no file m\.keras"):
        reading.read(tmp_path / "m.keras")
