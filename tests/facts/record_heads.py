"""Records the first bytes of files that real libraries write, for `test_facts_blob_heads.py`.

    python tests/facts/record_heads.py

Takes whatever libraries the interpreter has and keeps what others recorded. Run it with an
interpreter that has the newest ones; `recorded_heads.json` says which versions wrote what.
"""

from __future__ import annotations

import base64
import gzip
import json
import lzma
import pickle
import sqlite3
import sys
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

HEAD_BYTES = 4096
RECORDED = Path(__file__).with_name("recorded_heads.json")
WRITERS: dict[str, tuple[str, Callable[[Path], object]]] = {}
"""By name: the library, and what writes one file."""


def writes(library: str) -> Callable[[Callable[[Path], object]], Callable[[Path], object]]:
    def keep(function: Callable[[Path], object]) -> Callable[[Path], object]:
        WRITERS[function.__name__] = (library, function)
        return function

    return keep


def torch_model():
    import torch

    torch.manual_seed(0)
    return torch.nn.Linear(300, 200)


@writes("torch")
def torch_state(path):
    import torch

    torch.save(torch_model().state_dict(), path)


@writes("torch")
def torch_whole_model(path):
    import torch

    torch.save(torch_model(), path)


@writes("torch")
def torch_legacy(path):
    import torch

    torch.save(torch_model().state_dict(), path, _use_new_zipfile_serialization=False)


@writes("torch")
def torchscript(path):
    import torch

    torch.jit.script(torch_model()).save(path)


@writes("torch")
def torch_exported_program(path):
    import torch

    torch.export.save(torch.export.export(torch_model(), (torch.zeros(1, 300),)), path)


@writes("safetensors")
def safetensors_numpy(path):
    import numpy
    from safetensors.numpy import save_file

    save_file({"a": numpy.zeros((100, 100)), "b": numpy.ones(3)}, path, {"format": "pt"})


@writes("h5py")
def hdf5_plain(path):
    import h5py

    with h5py.File(path, "w") as file:
        file["x"] = list(range(1000))


@writes("h5py")
def hdf5_after_block_of_the_user(path):
    import h5py

    with h5py.File(path, "w", userblock_size=1024) as file:
        file["x"] = list(range(1000))


@writes("h5py")
def hdf5_newest(path):
    import h5py

    with h5py.File(path, "w", libver="latest") as file:
        file["x"] = list(range(1000))


def keras_model():
    import keras

    return keras.Sequential([keras.layers.Input((30,)), keras.layers.Dense(20)])


@writes("keras")
def keras_zip(path):
    keras_model().save(path.with_suffix(".keras"))
    path.with_suffix(".keras").rename(path)


@writes("keras")
def keras_weights(path):
    target = path.with_suffix(".weights.h5")
    keras_model().save_weights(target)
    target.rename(path)


@writes("keras")
def keras_legacy(path):
    keras_model().save(path.with_suffix(".h5"))
    path.with_suffix(".h5").rename(path)


@writes("tensorflow")
def tensorflow_saved_model(path):
    import tensorflow

    module = tensorflow.Module()
    module.weight = tensorflow.Variable([1.0, 2.0])
    folder = path.with_suffix(".d")
    tensorflow.saved_model.save(module, str(folder))
    (folder / "saved_model.pb").rename(path)


@writes("tensorflow")
def tensorflow_checkpoint_data(path):
    import tensorflow

    prefix = tensorflow.train.Checkpoint(w=tensorflow.Variable([1.0] * 500)).write(str(path) + "c")
    Path(f"{prefix}.index").rename(path)


@writes("tensorflow")
def tensorflow_lite(path):
    import tensorflow

    function = tensorflow.function(lambda x: x * 2.0 + 1.0)
    made = function.get_concrete_function(tensorflow.TensorSpec((3,), tensorflow.float32))
    path.write_bytes(tensorflow.lite.TFLiteConverter.from_concrete_functions([made]).convert())


@writes("tensorflow")
def tensorflow_records(path):
    import tensorflow

    with tensorflow.io.TFRecordWriter(str(path)) as writer:
        writer.write(b"x" * 50)


@writes("onnx")
def onnx_model(path):
    import onnx
    from onnx import TensorProto, helper

    ends = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 2]) for n in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "g", ends[:1], ends[1:])
    onnx.save(helper.make_model(graph, producer_name="test"), path)


@writes("skl2onnx")
def onnx_of_sklearn(path):
    from skl2onnx import to_onnx
    from sklearn.linear_model import LinearRegression

    model = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
    import numpy

    path.write_bytes(to_onnx(model, numpy.zeros((1, 1), "float32")).SerializeToString())


@writes("gguf")
def gguf_model(path):
    import numpy
    from gguf import GGUFWriter

    writer = GGUFWriter(path, "llama")
    writer.add_tensor("a", numpy.ones((4, 4), "float32"))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def frame():
    import pandas

    return pandas.DataFrame({"a": range(500), "b": [str(number) for number in range(500)]})


@writes("pandas")
def pandas_pickle(path):
    frame().to_pickle(path)


@writes("pandas")
def pandas_csv(path):
    frame().to_csv(path)


@writes("pyarrow")
def parquet(path):
    frame().to_parquet(path)


@writes("pyarrow")
def feather(path):
    frame().to_feather(path)


@writes("pyarrow")
def feather_of_old(path):
    import pyarrow
    from pyarrow import feather

    feather.write_feather(pyarrow.table({"a": [1, 2]}), path, version=1)


@writes("pyarrow")
def arrow_stream(path):
    import pyarrow

    table = pyarrow.table({"a": [1, 2]})
    with path.open("wb") as file, pyarrow.ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table)


@writes("pyarrow")
def orc(path):
    import pyarrow
    from pyarrow import orc as module

    module.write_table(pyarrow.table({"a": [1, 2]}), path)


@writes("polars")
def parquet_of_polars(path):
    import polars

    polars.DataFrame({"a": [1, 2]}).write_parquet(path)


@writes("numpy")
def npy(path):
    import numpy

    numpy.save(path.open("wb"), numpy.zeros(1000))


@writes("numpy")
def npz(path):
    import numpy

    numpy.savez(path.open("wb"), a=numpy.zeros(1000), b=numpy.ones(3))


@writes("numpy")
def npz_compressed(path):
    import numpy

    numpy.savez_compressed(path.open("wb"), a=numpy.zeros(1000))


@writes("scipy")
def mat(path):
    from scipy.io import savemat

    savemat(path, {"a": [[1, 2]]}, appendmat=False)


def forest():
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(5, random_state=0).fit([[0], [1], [2]], [0, 1, 0])


@writes("joblib")
def joblib_plain(path):
    import joblib

    joblib.dump(forest(), path)


@writes("joblib")
def joblib_zlib(path):
    import joblib

    joblib.dump(forest(), path, compress=3)


@writes("joblib")
def joblib_lz4(path):
    import joblib

    joblib.dump(forest(), path, compress=("lz4", 3))


@writes("cloudpickle")
def cloudpickle_function(path):
    import cloudpickle

    path.write_bytes(cloudpickle.dumps(lambda x: x + 1))


@writes("skops")
def skops(path):
    import skops.io

    skops.io.dump(forest(), path)


def booster():
    import xgboost

    data = xgboost.DMatrix([[0.0], [1.0]], label=[0, 1])
    return xgboost.train({"max_depth": 2}, data, 2)


@writes("xgboost")
def xgboost_ubj(path):
    booster().save_model(path.with_suffix(".ubj"))
    path.with_suffix(".ubj").rename(path)


@writes("xgboost")
def xgboost_json(path):
    booster().save_model(path.with_suffix(".json"))
    path.with_suffix(".json").rename(path)


@writes("lightgbm")
def lightgbm_text(path):
    import lightgbm
    import numpy

    data = lightgbm.Dataset(numpy.arange(200.0).reshape(-1, 1), numpy.arange(200) % 2)
    lightgbm.train({"verbose": -1}, data, 2).save_model(path)


@writes("catboost")
def catboost_binary(path):
    from catboost import CatBoostClassifier

    model = CatBoostClassifier(iterations=2, verbose=0, allow_writing_files=False)
    model.fit([[0], [1], [2]], [0, 1, 0]).save_model(str(path))


@writes("zstandard")
def zstd(path):
    import zstandard

    path.write_bytes(zstandard.compress(b"a,b\n" * 1000))


@writes("python")
def pickle_newest(path):
    path.write_bytes(pickle.dumps({"a": list(range(1000))}))


@writes("python")
def sqlite(path):
    with sqlite3.connect(path) as connection:
        connection.execute("create table a (b)")
    connection.close()


@writes("python")
def gzipped(path):
    path.write_bytes(gzip.compress(b"a,b\n" * 1000, mtime=0))


@writes("python")
def xz(path):
    path.write_bytes(lzma.compress(b"a,b\n" * 1000))


@writes("python")
def zlib_stream(path):
    path.write_bytes(zlib.compress(b"a,b\n" * 1000))


@writes("python")
def zip_of_text(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data.csv", "a,b\n" * 1000)


@writes("python")
def tar_of_text(path):
    with tarfile.open(path, "w") as archive:
        archive.add(__file__, "data.csv")


def _release(library: str) -> str:
    """TensorFlow has distributions of other names."""
    try:
        return version(library)
    except PackageNotFoundError:
        return str(import_module(library).__version__)


def recorded(folder: Path) -> Iterator[tuple[str, dict[str, object]]]:
    for name, (library, write) in WRITERS.items():
        path = folder / name
        try:
            write(path)
            release = "" if library == "python" else _release(library)
        except (ImportError, ValueError) as error:
            sys.stderr.write(f"{name}: {error}\n")
            continue
        data = path.read_bytes()
        head = base64.b64encode(zlib.compress(data[:HEAD_BYTES], 9)).decode()
        yield name, {"by": f"{library} {release}".strip(), "size": len(data), "head": head}


def main() -> None:
    known = json.loads(RECORDED.read_text()) if RECORDED.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        known.update(recorded(Path(folder)))
    RECORDED.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n")


if __name__ == "__main__":
    main()
