"""Recognising formats that have no magic number, or whose magic number does not say enough.

Each function is given the first bytes of a file and the size of the whole, and gives the name of
the format, or nothing. They err on the side of nothing.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

_U64 = struct.Struct("<Q")

# --- pickle ---------------------------------------------------------------------------------
# Opcodes and framing: https://github.com/python/cpython/blob/main/Lib/pickletools.py

# What may follow the PROTO opcode: constants, empty and marked containers, globals.
_FIRST_OPCODES = frozenset(b"N\x88\x89IJKLM\x8a\x8bFGSTUVX\x8cCB\x8d\x8e\x96])}(\x8fc")
_FRAME = 0x95
_STOP = b"."
_TEXT_PICKLE = re.compile(
    rb"\((?:[dlt]p\d+\n|[dlt]\.)|c[A-Za-z_][\w.]*\n[A-Za-z_][\w.]*\n(?:p\d+\n|\(|\.)"
)
_BINARY_PICKLE_1 = re.compile(
    rb"[]})]q\x00|c[A-Za-z_][\w.]*\n[A-Za-z_][\w.]*\nq\x00|\(c[A-Za-z_][\w.]*\n[A-Za-z_]\w*\n"
)


def pickle(head: bytes, size: int) -> str:
    """`pickle-0` to `pickle-5`."""
    if len(head) >= 4 and head[0] == 0x80 and 2 <= head[1] <= 5:
        plausible = _framed(head, size) if head[2] == _FRAME else head[2] in _FIRST_OPCODES
        return f"pickle-{head[1]}" if plausible else ""
    if len(head) == size and not head.endswith(_STOP):
        return ""
    if _TEXT_PICKLE.match(head):
        return "pickle-0"
    return "pickle-1" if _BINARY_PICKLE_1.match(head) else ""


def _framed(head: bytes, size: int) -> bool:
    return len(head) >= 11 and 0 < _U64.unpack_from(head, 3)[0] <= size


# --- zip ------------------------------------------------------------------------------------

_ZIP_HEADER = b"PK\x03\x04"
_ZIP_FIELDS = struct.Struct("<4s5HIIIHH")
_MAX_NAME = 1024
_OBJECT_ID = re.compile(r"\d{9,}\.npy")
_OFFICE = ("[Content_Types].xml", "docProps/", "word/", "xl/", "ppt/")


def zip_archive(head: bytes, _: int) -> str:
    """`torch-zip`, `npz`, `skops`, `keras-zip`, `office`, or `zip`.

    The central directory stands at the end, so the names are those of the members that begin
    within the head. `torch.save` writes its pickle first; TorchScript and exported programs begin
    with a tensor, in the padding by which PyTorch's writer aligns its members. Keras 3 writes its
    metadata and configuration first. Skops names arrays by the address that they had.
    """
    if not head.startswith((_ZIP_HEADER, b"PK\x05\x06")):
        return ""
    members = list(_members(head))
    names = [name for name, _ in members]
    if any(name.endswith("/data.pkl") or extra.startswith(b"FB") for name, extra in members):
        return "torch-zip"
    if "model.weights.h5" in names or {"metadata.json", "config.json"} <= set(names):
        return "keras-zip"
    if names and all(name.endswith(".npy") for name in names):
        return "skops" if all(_OBJECT_ID.fullmatch(name) for name in names) else "npz"
    if names[:1] == ["mimetype"] or any(name.startswith(_OFFICE) for name in names):
        return "office"
    return "zip"


def _members(head: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and extra field of each member."""
    position = 0
    while 0 <= position <= len(head) - _ZIP_FIELDS.size:
        fields = _ZIP_FIELDS.unpack_from(head, position)
        packed_size, name_size, extra_size = fields[7], fields[9], fields[10]
        if fields[0] != _ZIP_HEADER or name_size > _MAX_NAME:
            return
        start = position + _ZIP_FIELDS.size
        middle, end = start + name_size, start + name_size + extra_size
        yield head[start:middle].decode("utf-8", "replace"), head[middle:end]
        # A streamed member has its size behind it (bit 3), so 0 stands here: look for the next.
        position = head.find(_ZIP_HEADER, end + packed_size)


# --- others ---------------------------------------------------------------------------------


def hdf5(head: bytes, _: int) -> str:
    """The superblock may follow a block of the user's own, of 512 bytes or a power of two more."""
    places = (0, 512, 1024, 2048)
    return "hdf5" if any(head.startswith(b"\x89HDF\r\n\x1a\n", place) for place in places) else ""


def safetensors(head: bytes, size: int) -> str:
    """The length of a JSON header, and the header. The format itself allows 100 MB for it."""
    if len(head) < 10 or head[8:9] != b"{":
        return ""
    length = _U64.unpack_from(head)[0]
    plausible = 2 <= length <= 100_000_000 and 8 + length <= size
    return "safetensors" if plausible and re.match(rb'\{\s*["}]', head[8:]) else ""


def tfrecord(head: bytes, size: int) -> str:
    """A length, its masked checksum, and that much data: TFRecord and TensorBoard events."""
    if len(head) < 12:
        return ""
    length, checksum = struct.unpack_from("<QI", head)
    if not 0 < length <= size - 16:
        return ""
    crc = _crc32c(head[:8])
    masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
    return "tfrecord" if masked == checksum else ""


def _crc32c(data: bytes) -> int:
    """CRC-32C (Castagnoli), RFC 3720, appendix B.4. Bit by bit: it is for eight bytes."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


# --- ONNX -----------------------------------------------------------------------------------
# ModelProto and GraphProto: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto

_IR_VERSION, _GRAPH = 1, 7
_MAX_IR_VERSION = 32
_MODEL_TEXTS = frozenset({2, 3, 4, 6})
_MODEL_VARINTS = frozenset({5})
_MODEL_MESSAGES = frozenset({8, 14, 20, 25})
_GRAPH_TAGS = frozenset({0x0A, 0x12, 0x2A, 0x52, 0x5A, 0x62, 0x6A, 0x72, 0x7A, 0x82})
_VARINT, _BYTES = 0, 2


def onnx(head: bytes, size: int) -> str:
    """A protocol buffer has no magic number: the fields must be those of a ModelProto, in order
    up to the graph, with texts that are texts and a graph that begins like one."""
    field, wire, value, position = _field(head, 0)
    if (field, wire) != (_IR_VERSION, _VARINT) or not 1 <= value <= _MAX_IR_VERSION:
        return ""
    while position < len(head):
        field, wire, value, position = _field(head, position)
        if wire == _BYTES and field == _GRAPH:
            inside = position < len(head) and head[position] in _GRAPH_TAGS
            return "onnx" if inside and position + value <= size else ""
        if not _is_model_field(field, wire, head[position : position + value]):
            return ""
        position += value if wire == _BYTES else 0
    return ""


def _is_model_field(field: int, wire: int, content: bytes) -> bool:
    if wire == _VARINT:
        return field in _MODEL_VARINTS
    if field in _MODEL_TEXTS:
        return content.decode("utf-8", "replace").replace("\n", "").isprintable()
    return wire == _BYTES and field in _MODEL_MESSAGES


def _field(data: bytes, position: int) -> tuple[int, int, int, int]:
    """Number, wire type and value (or length) of a field, and where its content begins.

    The number is 0 where there is no field.
    """
    tag, position = _varint(data, position)
    value, position = _varint(data, position)
    return (tag >> 3, tag & 7, value, position) if position else (0, 0, 0, len(data))


def _varint(data: bytes, position: int) -> tuple[int, int]:
    """A number and the position behind it; 0 for the position when there is none."""
    value = 0
    for count, byte in enumerate(data[position : position + 10], start=1):
        value |= (byte & 0x7F) << 7 * (count - 1)
        if byte < 0x80:
            return value, position + count
    return 0, 0
