"""What a file is, told by its name. Only an executable without an extension is looked into."""

from __future__ import annotations

import re
from typing import TypeAlias

from mlaudit.repo.model import Kind

_BLOB_EXTENSIONS = """
    csv tsv jsonl ndjson parquet feather arrow orc avro tfrecord tfrecords npy npz mat h5 hdf5 hdf
    nc zarr db sqlite sqlite3 duckdb lmdb mdb dbf xls xlsx ods geojson shp shx gpkg tif dat data rds
    rda rdata sav dta sas7bdat pcap libsvm svmlight arff root fits dcm nii las ply pcd vcf bam
    pt pth ckpt bin safetensors keras onnx ort tflite gguf ggml mlmodel mlpackage pkl pickle joblib
    dill cloudpickle p model bst cbm ubj caffemodel params mar torchscript ptl pte pt2 engine trt
    plan nemo weights pb msgpack spm tiktoken index faiss annoy crc
    png jpg jpeg jfif gif webp bmp tiff ico icns svg heic avif psd exr pgm ppm
    mp3 wav flac ogg m4a opus mp4 avi mov mkv webm mpg mpeg
    zip gz tgz bz2 tbz2 xz txz zst tar 7z rar lz4 whl egg jar war deb rpm dmg iso
    pdf doc docx ppt pptx odt odp ttf otf woff woff2 eot
    so dll dylib exe o a lib obj pyd pyc pyo class wasm
"""

# Named because Dockerfile.md is prose and Dockerfile.j2 no Dockerfile yet.
_TEXT_EXTENSIONS = "md rst mdx adoc j2 jinja jinja2 tpl tmpl html js ts css c h cpp cu r jl"

_EXTENSIONS: dict[str, Kind] = {
    **dict.fromkeys(_TEXT_EXTENSIONS.split(), Kind.TEXT),
    **dict.fromkeys(_BLOB_EXTENSIONS.split(), Kind.BLOB),
    "py": Kind.PYTHON,
    "pyi": Kind.PYTHON,
    "pyw": Kind.PYTHON,
    "ipynb": Kind.NOTEBOOK,
    "yaml": Kind.YAML,
    "yml": Kind.YAML,
    "dvc": Kind.YAML,
    "cff": Kind.YAML,
    "toml": Kind.TOML,
    "json": Kind.JSON,
    "sh": Kind.SHELL,
    "bash": Kind.SHELL,
    "zsh": Kind.SHELL,
    "ksh": Kind.SHELL,
    "sbatch": Kind.SHELL,
    "slurm": Kind.SHELL,
    "mk": Kind.MAKEFILE,
    "env": Kind.DOTENV,
    "dockerfile": Kind.DOCKERFILE,
    "dockerignore": Kind.IGNORE,
}

_NAMES: dict[str, Kind] = {
    "setup.py": Kind.SETUP_PY,
    "setup.cfg": Kind.SETUP_CFG,
    "pyproject.toml": Kind.PYPROJECT,
    "pipfile": Kind.PIPFILE,
    "pipfile.lock": Kind.LOCK,
    "poetry.lock": Kind.LOCK,
    "uv.lock": Kind.LOCK,
    "pdm.lock": Kind.LOCK,
    "pixi.lock": Kind.LOCK,
    "pixi.toml": Kind.PIXI,
    "dockerfile": Kind.DOCKERFILE,
    "containerfile": Kind.DOCKERFILE,
    "makefile": Kind.MAKEFILE,
    "gnumakefile": Kind.MAKEFILE,
    "dvc.lock": Kind.YAML,
    "mlproject": Kind.YAML,
    "mlmodel": Kind.YAML,
    ".condarc": Kind.YAML,
    ".envrc": Kind.SHELL,
    ".bashrc": Kind.SHELL,
    ".bash_profile": Kind.SHELL,
    ".zshrc": Kind.SHELL,
    ".profile": Kind.SHELL,
    ".gitattributes": Kind.ATTRIBUTES,
}

_Patterns: TypeAlias = tuple[tuple[re.Pattern[str], Kind], ...]

# For YAML and TOML, whose extension does not settle it. The lock comes before conda's own names.
_VARIANTS: _Patterns = (
    (re.compile(r"(.+[-_.])?conda-lock([-_.].+)?\.ya?ml|pylock(\.[^.]+)?\.toml"), Kind.LOCK),
    (re.compile(r"(.+[-_.])?environment([-_.].+)?\.ya?ml|conda([-_.].+)?\.ya?ml"), Kind.CONDA),
    (re.compile(r"(conda)?env([-_.].+)?\.ya?ml|.+[-_.]conda\.ya?ml"), Kind.CONDA),
)

# For extensions that say nothing. TensorBoard's event files end in a host name and a process id.
_FAMILIES: _Patterns = (
    (
        re.compile(r"(.+[-_.])?(requirements|constraints)([-_.].+)?\.(txt|in|pip|lock)"),
        Kind.REQUIREMENTS,
    ),
    # `conda list --explicit` has no name of its own; conda-lock names the platform.
    (re.compile(r"(conda[-_])?(spec[-_](file|list)|explicit)\.txt"), Kind.REQUIREMENTS),
    (
        re.compile(r"(.+[-_.])?conda[-_.](linux|osx|win|noarch)([-_.].+)?\.lock|pdm\..+\.lock"),
        Kind.LOCK,
    ),
    (re.compile(r"(.+[-_.])?conda-lock(\..+)?\.lock"), Kind.LOCK),
    (re.compile(r"(dockerfile|containerfile)[._-].+|.+[-_]dockerfile"), Kind.DOCKERFILE),
    (re.compile(r"(gnu)?makefile\..+"), Kind.MAKEFILE),
    (re.compile(r"\.env([._-].+)?"), Kind.DOTENV),
    (re.compile(r"\.[a-z]+ignore"), Kind.IGNORE),
    (re.compile(r"events\.out\.tfevents\..+"), Kind.BLOB),
)

_REQUIREMENT_FOLDERS = frozenset({"requirements", "requirement", "reqs", "constraints"})
_WORKFLOWS = ".github/workflows"
_REQUIREMENT_EXTENSIONS = frozenset({"txt", "in", "pip"})

_COMPOSE = re.compile(r"(?:docker-)?compose[^/]*\.ya?ml$")
_SHEBANG = re.compile(rb"#!\s*(?:\S*/)?(?:env\s+(?:-\S+\s+|\w+=\S*\s+)*)?(?:\S*/)?([\w.+-]+)")
_SHELLS = frozenset({b"sh", b"bash", b"zsh", b"dash", b"ksh", b"ash"})


def kind_of(path: str) -> Kind:
    """The kind that the name tells, TEXT when it tells none."""
    folder, _, name = path.lower().rpartition("/")
    known = _NAMES.get(name)
    if known is not None:
        return known
    stem, dot, extension = name.rpartition(".")
    if not (dot and stem):
        extension = ""
    if extension in _REQUIREMENT_EXTENSIONS and _in_requirements_folder(folder):
        return Kind.REQUIREMENTS
    kind = _EXTENSIONS.get(extension)
    if kind is None:
        return _first_match(_FAMILIES, name) or Kind.TEXT
    if (kind is Kind.YAML or kind is Kind.TOML) and not folder.endswith(_WORKFLOWS):
        return _first_match(_VARIANTS, name) or kind
    return kind


def _in_requirements_folder(folder: str) -> bool:
    return not _REQUIREMENT_FOLDERS.isdisjoint(folder.split("/"))


def _first_match(patterns: _Patterns, name: str) -> Kind | None:
    for pattern, kind in patterns:
        if pattern.fullmatch(name):
            return kind
    return None


def is_compose_file(path: str) -> bool:
    """Whether Docker Compose reads the file."""
    return _COMPOSE.match(path.rpartition("/")[2]) is not None


def has_extension(path: str) -> bool:
    """Whether the name has one; `.profile` has none."""
    return "." in path.rpartition("/")[2][1:]


def kind_of_script(head: bytes) -> Kind:
    """The kind of an executable without an extension, from its first bytes."""
    match = _SHEBANG.match(head[:256])
    if not match:
        return Kind.BLOB if b"\0" in head else Kind.TEXT
    program = match[1]
    if re.match(rb"(python|pypy|ipython)[\d.]*$", program):
        return Kind.PYTHON
    return Kind.SHELL if program in _SHELLS else Kind.TEXT
