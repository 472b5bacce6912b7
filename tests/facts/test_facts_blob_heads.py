"""Files that real libraries wrote are told by their first bytes (see `record_heads.py`)."""

from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path

import pytest

from mlaudit.facts.blob import blob_of

RECORDED = json.loads(Path(__file__).with_name("recorded_heads.json").read_text())
EXPECTED = {
    "arrow_stream": "arrow",
    "catboost_binary": "catboost",
    "cloudpickle_function": "pickle-5",
    "feather": "arrow",
    "feather_of_old": "arrow",
    "gguf_model": "gguf",
    "gzipped": "gzip",
    "hdf5_after_block_of_the_user": "hdf5",
    "hdf5_newest": "hdf5",
    "hdf5_plain": "hdf5",
    "joblib_lz4": "lz4",
    "joblib_plain": "pickle-4",
    "joblib_zlib": "zlib",
    "keras_legacy": "hdf5",
    "keras_weights": "hdf5",
    "keras_zip": "keras-zip",
    "lightgbm_text": "lightgbm",
    "mat": "mat",
    "npy": "npy",
    "npz": "npz",
    "npz_compressed": "npz",
    "onnx_model": "onnx",
    "onnx_of_sklearn": "onnx",
    "orc": "orc",
    "pandas_csv": "text",
    "pandas_pickle": "pickle-5",
    "parquet": "parquet",
    "parquet_of_polars": "parquet",
    "pickle_newest": "pickle-4",
    "safetensors_numpy": "safetensors",
    "skops": "skops",
    "sqlite": "sqlite",
    "tar_of_text": "tar",
    "tensorflow_checkpoint_data": "",
    "tensorflow_lite": "tflite",
    "tensorflow_records": "tfrecord",
    "tensorflow_saved_model": "",
    "torch_exported_program": "torch-zip",
    "torch_legacy": "pickle-torch",
    "torch_state": "torch-zip",
    "torch_whole_model": "torch-zip",
    "torchscript": "torch-zip",
    "xgboost_json": "text",
    "xgboost_ubj": "xgboost",
    "xz": "xz",
    "zip_of_text": "zip",
    "zlib_stream": "zlib",
    "zstd": "zstd",
}


def test_everything_recorded_is_expected() -> None:
    assert sorted(RECORDED) == sorted(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_the_head_tells_the_format(name: str) -> None:
    record = RECORDED[name]
    head = zlib.decompress(base64.b64decode(record["head"]))
    assert blob_of(head, record["size"]).format == EXPECTED[name]
