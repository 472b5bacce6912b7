"""Files of data, models and other bytes: what their first bytes say they are.

The extension is a claim, the bytes are the fact: a `.bin` may be a pickle or a picture. Nothing is
unpacked or loaded.
"""

from __future__ import annotations

import re
import struct

from mlaudit.facts.containers import hdf5, onnx, pickle, safetensors, tfrecord, zip_archive
from mlaudit.facts.records import Blob, FileFacts
from mlaudit.facts.source import Source

HEAD_BYTES = 4096
"""How much of a file `read_blob` wants to see; of a larger one, its head is enough."""

LFS_POINTER = "lfs-pointer"

_LFS = re.compile(
    rb"version https://(?:git-lfs\.github|hawser\.github)\.com/spec/v1\n"
    rb"(?:ext-[^\n]*\n)*oid sha256:[0-9a-f]{64}\nsize (\d{1,18})\n?"
)

# Offset, bytes and format. The first that fits decides.
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image"),
    (0, b"\xff\xd8\xff", "image"),
    (0, b"GIF87a", "image"),
    (0, b"GIF89a", "image"),
    (8, b"WEBP", "image"),
    (0, b"II*\0", "image"),
    (0, b"MM\0*", "image"),
    (0, b"\0\0\1\0", "image"),
    (4, b"ftypavif", "image"),
    (4, b"ftypheic", "image"),
    (0, b"GGUF", "gguf"),
    (0, b"lmgg", "ggml"),
    (0, b"tjgg", "ggml"),
    (4, b"TFL3", "tflite"),
    (4, b"ET12", "executorch"),
    (4, b"ORTM", "ort"),
    (0, b"CBM1", "catboost"),
    (0, b"binf", "xgboost"),
    (0, b"{L\0\0\0\0\0\0\0\x07learner", "xgboost"),
    # The magic number of torch before 1.6, itself a pickle of protocol 2.
    (0, b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", "pickle-torch"),
    (0, b"tree\nversion=", "lightgbm"),
    (0, b"PAR1", "parquet"),
    (0, b"PARE", "parquet"),
    (0, b"ARROW1\0\0", "arrow"),
    (0, b"FEA1", "arrow"),
    (0, b"ORC", "orc"),
    (0, b"Obj\x01", "avro"),
    (0, b"\x93NUMPY", "npy"),
    (0, b"MATLAB 5.0 MAT-file", "mat"),
    (0, b"RDX2\n", "rds"),
    (0, b"RDX3\n", "rds"),
    (0, b"CDF\x01", "netcdf"),
    (0, b"CDF\x02", "netcdf"),
    (0, b"SQLite format 3\0", "sqlite"),
    (8, b"DUCK", "duckdb"),
    (16, b"\xde\xc0\xef\xbe", "lmdb"),
    (0, b"\x1f\x8b\x08", "gzip"),
    (0, b"BZh", "bzip2"),
    (0, b"\xfd7zXZ\0", "xz"),
    (0, b"\x28\xb5\x2f\xfd", "zstd"),
    (0, b"\x04\x22\x4d\x18", "lz4"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"Rar!\x1a\x07", "rar"),
    (257, b"ustar", "tar"),
    (0, b"%PDF-", "pdf"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "office"),
    (0, b"wOFF", "font"),
    (0, b"wOF2", "font"),
    (0, b"OTTO\0", "font"),
    (0, b"\0\1\0\0\0", "font"),
    (0, b"ID3", "audio"),
    (0, b"\xff\xfb", "audio"),
    (0, b"\xff\xf3", "audio"),
    (0, b"fLaC", "audio"),
    (0, b"OggS", "audio"),
    (8, b"WAVE", "audio"),
    (8, b"AVI ", "video"),
    (4, b"ftyp", "video"),
    (0, b"\x1a\x45\xdf\xa3", "video"),
    (0, b"\x7fELF", "executable"),
    (0, b"\xcf\xfa\xed\xfe", "executable"),
    (0, b"\xca\xfe\xba\xbe", "executable"),
    (0, b"\0asm", "executable"),
)

_CONTROL = bytes(sorted(set(range(32)) - set(b"\t\n\v\f\r\x1b\b")))
# Two bytes are little, and `x^` is text, so this is asked last. Joblib compresses so.
_ZLIB = (b"x\x01", b"x\x5e", b"x\x9c", b"x\xda")
_BMP_SIZE = struct.Struct("<I")


def read_blob(source: Source) -> FileFacts:
    """The format of a file. `source.data` may be the file's head alone (see HEAD_BYTES)."""
    file = source.file
    size = max(file.size, len(source.data))
    return FileFacts(path=file.path, kind=file.kind, blob=blob_of(source.data, size))


def blob_of(head: bytes, size: int) -> Blob:
    """What the first bytes of a file of `size` bytes say."""
    pointer = _LFS.fullmatch(head)
    if pointer:
        return Blob(format=LFS_POINTER, lfs=True, lfs_size=int(pointer[1]))
    return Blob(format=_format(head, size))


def _format(head: bytes, size: int) -> str:
    for offset, magic, name in _MAGIC:
        if head.startswith(magic, offset):
            return name
    for recognise in (
        zip_archive,
        pickle,
        hdf5,
        safetensors,
        onnx,
        tfrecord,
        _bitmap,
        _arrow_stream,
    ):
        found = recognise(head, size)
        if found:
            return found
    if _is_text(head, size):
        return "text"
    return "zlib" if head.startswith(_ZLIB) else ""


def _bitmap(head: bytes, size: int) -> str:
    """A header of two letters is no proof: the size that follows must be that of the file."""
    return "image" if head[:2] == b"BM" and head[2:6] == _BMP_SIZE.pack(size % 2**32) else ""


def _arrow_stream(head: bytes, _: int) -> str:
    """Arrow's streaming format, which Hugging Face datasets are kept in: no magic, but a
    continuation mark, the length of the schema, and the offset of its flatbuffer table."""
    return "arrow" if re.match(rb"\xff{4}..\0\0\x10\0\0\0", head, re.DOTALL) else ""


def _is_text(head: bytes, size: int) -> bool:
    if not head or head.translate(None, _CONTROL) != head:
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # The head may end within a character.
        return len(head) < size and error.start >= len(head) - 3
    return True
