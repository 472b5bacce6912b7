"""Blobs are told by their bytes."""

from __future__ import annotations

import io
import pickle
import sqlite3
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mlaudit.facts.blob import HEAD_BYTES, blob_of, read_blob
from mlaudit.facts.records import Blob
from mlaudit.facts.source import Source
from mlaudit.repo.model import Context, File, Kind


def told(content: bytes) -> str:
    """The format that the head of a file tells."""
    return blob_of(content[:HEAD_BYTES], len(content)).format


def zipped(*members: tuple[str, bytes], padding: bytes = b"") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members:
            info = zipfile.ZipInfo(name)
            info.extra = padding
            archive.writestr(info, content)
    return stream.getvalue()


class Anything:
    """Something whose class a pickle names."""


NESTED = {"weights": [1.5, 2.5], "name": "model", "shape": (3, 4)}


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("value", [NESTED, [Anything()], Anything(), [], list(range(9999))])
def test_pickles(value: object, protocol: int) -> None:
    content = pickle.dumps(value, protocol)
    assert told(content) == f"pickle-{protocol}"


@pytest.mark.parametrize("value", [None, True, 7, 300, 70000, 2**70, 1.5, "text", b"bytes", set()])
@pytest.mark.parametrize("protocol", range(2, 6))
def test_pickles_of_plain_values(value: object, protocol: int) -> None:
    assert told(pickle.dumps(value, protocol)) == f"pickle-{protocol}"


def test_pickled_arrays() -> None:
    content = pickle.dumps(numpy.zeros((100, 100)), protocol=4)
    assert told(content) == "pickle-4"


def test_torch_files_of_old_are_a_row_of_pickles() -> None:
    magic = pickle.dumps(0x1950A86A20F9469CFC6C, protocol=2)
    rest = pickle.dumps(1001, protocol=2) + pickle.dumps({"little_endian": True}, protocol=2)
    assert told(magic + rest + b"\0" * 9000) == "pickle-torch"


@pytest.mark.parametrize(
    "text",
    [
        b"(a remark) and more.",
        b"(dp) means dynamic programming.",
        b"create table x\n(a int)\n.",
        b"}q and so on.",
        b"import os\nprint(1)\n",
        b"c\n",
        b"cat\ndog\nbird\n.",
        b"I1\n.",
    ],
)
def test_text_is_no_pickle(text: bytes) -> None:
    assert told(text) == "text"


@pytest.mark.parametrize(
    "content",
    [
        b"\x80",
        b"\x80\x04",
        b"\x80\x04\x95",
        b"\x80\x02\xff\xff\xff",
        b"\x80\x04\x95" + b"\xff" * 20,
    ],
)
def test_what_only_begins_like_a_pickle_is_unknown(content: bytes) -> None:
    assert told(content) == ""


def test_torch_zip() -> None:
    state = ("archive/data.pkl", pickle.dumps(NESTED, protocol=2))
    weights = ("archive/data/0", b"\0" * 50000)
    assert told(zipped(state, weights, ("archive/version", b"3\n"))) == "torch-zip"
    large = ("model/data.pkl", pickle.dumps(list(range(9999)), protocol=2))
    assert told(zipped(large, weights)) == "torch-zip"


def test_torchscript_begins_with_a_padded_tensor() -> None:
    padding = b"FB\x0a\x00" + b"Z" * 10
    content = zipped(("script/data/0", b"\0" * 50000), ("script/data.pkl", b""), padding=padding)
    assert told(content) == "torch-zip"


def test_other_zips(tmp_path: Path) -> None:
    numpy.savez(tmp_path / "a.npz", a=numpy.zeros(9000), b=numpy.ones(3))
    assert told((tmp_path / "a.npz").read_bytes()) == "npz"
    numpy.savez_compressed(tmp_path / "b.npz", a=numpy.zeros(9000))
    assert told((tmp_path / "b.npz").read_bytes()) == "npz"
    keras = (("metadata.json", b"{}"), ("config.json", b"{}" * 9999), ("model.weights.h5", b""))
    assert told(zipped(*keras)) == "keras-zip"
    assert told(zipped(("[Content_Types].xml", b"<x/>"), ("xl/workbook.xml", b""))) == "office"
    assert told(zipped(("data/train.csv", b"a,b\n"))) == "zip"
    assert told(zipped()) == "zip"
    assert told(zipped(("x/metadata.pkl", b""))) == "zip"


def test_streamed_zip_members_have_no_size() -> None:
    class Unseekable(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise io.UnsupportedOperation

        def tell(self) -> int:
            raise io.UnsupportedOperation

    stream = Unseekable()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("notes.txt", "hello")
        archive.writestr("model/data.pkl", pickle.dumps(NESTED))
    assert told(stream.getvalue()) == "torch-zip"


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def message(*fields: tuple[int, int | bytes]) -> bytes:
    out = b""
    for number, value in fields:
        if isinstance(value, int):
            out += varint(number << 3) + varint(value)
        else:
            out += varint(number << 3 | 2) + varint(len(value)) + value
    return out


GRAPH = message((1, message((1, b"x"), (4, b"Relu"))), (2, b"main_graph"))
OPSET = message((1, b""), (2, 17))


@pytest.mark.parametrize(
    "content",
    [
        message((1, 8), (2, b"pytorch"), (3, b"2.1.0"), (7, GRAPH), (8, OPSET)),
        message((1, 9), (7, GRAPH), (8, OPSET)),
        message((1, 3), (2, "skl2onnx ü".encode()), (4, b"ai.onnx"), (5, 0), (6, b""), (7, GRAPH)),
        message((1, 8), (8, OPSET), (7, GRAPH)),
        message((1, 8), (2, b"pytorch"), (7, GRAPH + message((5, b"\0" * 100000))), (8, OPSET)),
    ],
)
def test_onnx(content: bytes) -> None:
    assert told(content) == "onnx"


@pytest.mark.parametrize(
    "content",
    [
        # A TensorFlow saved model begins with a version, too, and goes on with a message.
        message((1, 1), (2, message((1, message((5, b"\x01\x02"))), (2, GRAPH)))),
        message((1, 8), (2, b"producer")),
        message((1, 99), (2, b"producer"), (7, GRAPH)),
        message((1, 8), (2, b"producer"), (7, b"\xff" + GRAPH)),
        message((1, 8), (9, b"?"), (7, GRAPH)),
        message((2, b"producer"), (7, GRAPH)),
        message((1, 8), (7, GRAPH))[:6] + b"\0",
        b"\x08\x01",
        b"\x08",
    ],
)
def test_other_protocol_buffers_are_no_onnx(content: bytes) -> None:
    assert told(content) != "onnx"


def test_safetensors() -> None:
    header = b'{"weight":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'
    assert told(struct.pack("<Q", len(header)) + header + b"\0" * 8) == "safetensors"
    padded = b"{} "
    assert told(struct.pack("<Q", len(padded)) + padded) == "safetensors"
    assert told(struct.pack("<Q", 10**9) + header) == ""
    assert told(struct.pack("<Q", 10**6) + header) == ""


def test_tfrecord() -> None:
    # The first record of an event file: 24 bytes, and the masked checksum of that length.
    head = bytes.fromhex("1800000000000000a37f4b22")
    record = head + b"\x09\0\0\x80\x65\xb3\x5b\xd8\x41\x1a\x0dbrain.Event:2" + b"\0" * 4
    assert told(record) == "tfrecord"
    assert told(head + b"\0" * 4) == ""
    assert told(b"\x19" + record[1:]) == ""


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\x89HDF\r\n\x1a\n" + b"\0" * 40, "hdf5"),
        (b"\0" * 512 + b"\x89HDF\r\n\x1a\n", "hdf5"),
        (b"x" * 2048 + b"\x89HDF\r\n\x1a\n", "hdf5"),
        (b"GGUF\x03\0\0\0", "gguf"),
        (b"\x1c\0\0\0TFL3\0\0", "tflite"),
        (b"PAR1\x15\x04", "parquet"),
        (b"ARROW1\0\0\xff", "arrow"),
        (b"FEA1\0\0\0\0", "arrow"),
        (b"\xff\xff\xff\xff\x80\x03\0\0\x10\0\0\0\0\0\x0a\0", "arrow"),
        (b"Obj\x01\x04", "avro"),
        (b"\x1f\x8b\x08\0", "gzip"),
        (b"BZh91AY", "bzip2"),
        (zlib.compress(b"\x80\x04" * 9), "zlib"),
        (b"x^2 + 1", "text"),
        (b"\xfd7zXZ\0\0", "xz"),
        (b"\x28\xb5\x2f\xfd\x24", "zstd"),
        (b"\x89PNG\r\n\x1a\n\0\0", "image"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "image"),
        (b"GIF89a\x01", "image"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "image"),
        (b"II*\0\x08\0", "image"),
        (b"BM\x0a\0\0\0\0\0\0\0", "image"),
        (b"BMW, a car maker", "text"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "audio"),
        (b"ID3\x04\0", "audio"),
        (b"\0\0\0\x20ftypisom", "video"),
        (b"wOF2\0\1", "font"),
        (b"%PDF-1.7\n", "pdf"),
        (b"\x7fELF\x02", "executable"),
        (b"tree\nversion=v4\nnum_class=1\n", "lightgbm"),
        (b"a,b\n1,2\n", "text"),
        ("größe,straße\n".encode(), "text"),
        (b"a\0b", ""),
        (b"\xfe\xed\xfa", ""),
        (b"", ""),
    ],
)
def test_magic(content: bytes, expected: str) -> None:
    assert told(content) == expected


def test_what_libraries_write(tmp_path: Path) -> None:
    numpy.save(tmp_path / "a.npy", numpy.zeros(3))
    assert told((tmp_path / "a.npy").read_bytes()) == "npy"
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("create table t (a)")
    connection.close()
    assert told((tmp_path / "a.db").read_bytes()) == "sqlite"
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        archive.add(tmp_path / "a.npy", "a.npy")
    assert told((tmp_path / "a.tar").read_bytes()) == "tar"


def test_text_may_be_cut_within_a_character() -> None:
    content = b"x" * (HEAD_BYTES - 1) + "ü".encode() * 50
    assert told(content) == "text"
    assert told(content[: HEAD_BYTES - 1] + b"\xc3") == ""


def pointer(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


VERSION = "version https://git-lfs.github.com/spec/v1"
OID = "oid sha256:" + "0f" * 32


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (pointer(VERSION, OID, "size 12345"), Blob("lfs-pointer", True, 12345)),
        (pointer(VERSION, "ext-0-x sha256:ab", OID, "size 1"), Blob("lfs-pointer", True, 1)),
        (pointer(VERSION, OID, "size 12345", "and more"), Blob("text")),
        (pointer(VERSION, OID), Blob("text")),
        (pointer(VERSION, "oid sha256:short", "size 1"), Blob("text")),
        (pointer("see", VERSION, OID, "size 12345"), Blob("text")),
    ],
)
def test_lfs_pointers(content: bytes, expected: Blob) -> None:
    file = File("data.csv", Kind.BLOB, Context.SRC, len(content))
    facts = read_blob(Source(file, content))
    assert (facts.path, facts.kind, facts.blob) == ("data.csv", Kind.BLOB, expected)


STARTS: Iterable[bytes] = (
    b"", b"PK\x03\x04", b"\x80\x04", b"\x80\x04\x95", b"\x08\x07\x12", b"\x08\x08\x3a", b"(dp0\n",
    b"version https://git-lfs.github.com/spec/v1\n", b"\xff\xff\xff\xff", b"BM",
)  # fmt: skip


@given(st.sampled_from(list(STARTS)), st.binary(max_size=300), st.integers(0, 2**40))
@example(b"PK\x03\x04", b"\xff" * 40, 0)
@example(b"\x08", b"\xff" * 20, 0)
@example(b"\x08\x08", b"\x12" + b"\xff" * 9 + b"\x01", 0)
def test_any_bytes_are_told_something(start: bytes, rest: bytes, more: int) -> None:
    head = start + rest
    blob = blob_of(head, len(head) + more)
    assert blob.lfs == (blob.format == "lfs-pointer")


@given(st.binary(min_size=1, max_size=64))
def test_random_bytes_are_seldom_a_model(content: bytes) -> None:
    assert told(b"\xaa" + content) in ("", "safetensors", "tfrecord", "duckdb", "video")
