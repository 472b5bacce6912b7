"""What the names of well-known base images say of what is in them."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.facts.records import Dependency, Stage
from mlaudit.patterns import Gated

_VERSION = r"(\d+\.\d+(?:\.\d+)?)(?=[-_]|$)"
_KNOWN = (
    (Gated(rf"(?:^|/)pytorch/pytorch:{_VERSION}"), "torch"),
    (Gated(rf"(?:^|/)tensorflow/tensorflow:{_VERSION}"), "tensorflow"),
    (Gated(rf"(?:^|/)(?:huggingface-)?pytorch-(?:training|inference):{_VERSION}"), "torch"),
    (
        Gated(rf"(?:^|/)(?:huggingface-)?tensorflow-(?:training|inference):{_VERSION}"),
        "tensorflow",
    ),
    (Gated(r":\S*-transformers(\d+\.\d+\.\d+)-"), "transformers"),
)
"""The framework in the tag: of the makers' own images, and of AWS's Deep Learning Containers
(https://github.com/aws/deep-learning-containers/blob/master/available_images.md)."""


def distributions_in(stage: Stage) -> Iterator[Dependency]:
    """Distributions whose version the tag names."""
    for pattern, name in _KNOWN if stage.resolved else ():
        found = pattern.search(stage.image)
        if found:
            version = found[1] if found[1].count(".") == 2 else f"{found[1]}.*"
            yield Dependency(name, f"=={version}", span=stage.span, raw=stage.image)
