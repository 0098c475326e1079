"""The model's folder: what lies in it, and that nothing in it was altered.

``SHA256SUMS`` is read first. Every file it names is read once, hashed, and only those hashed bytes are used,
so what was checked is what runs.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError, model_validator

from core.errors import ModelError
from core.types import Severity
from core.vocabulary import AUTHOR_ROLES, LABELS

SUMS = "SHA256SUMS"
MODEL, TOKENIZER, CONFIG = "model.onnx", "tokenizer.json", "config.json"
REMEDY = "put the folder back from a known copy, or import the model again"

Share = Annotated[float, Field(ge=0.0, le=1.0)]


class Threshold(BaseModel):
    """The probabilities from which a label is sure, and from which a person is asked."""

    model_config = ConfigDict(frozen=True)

    sure: Share
    ask: Share

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ask > self.sure:
            raise ValueError("ask must not be above sure")
        return self


class Calibration(BaseModel):
    """Turns a logit into a probability: sigmoid(scale * logit + bias)."""

    model_config = ConfigDict(frozen=True)

    scale: Annotated[FiniteFloat, Field(gt=0.0)] = 1.0
    bias: FiniteFloat = 0.0


class ModelConfig(BaseModel):
    """What ``config.json`` says; labels, roles, severities and tags are in the order of the model's outputs."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(min_length=1)
    version: str = Field(min_length=1)
    base: str
    trained_on: str
    labels: tuple[str, ...]
    author_roles: tuple[str, ...]
    severities: tuple[str, ...]
    max_tokens: int = Field(ge=8)
    stride: int = Field(ge=0)
    calibration: Mapping[str, Calibration]
    thresholds: Mapping[str, Threshold]
    relevance_threshold: Share
    tags: tuple[str, ...]
    span_thresholds: Mapping[str, Share]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        _same("labels", self.labels, LABELS)
        _same("author_roles", self.author_roles, AUTHOR_ROLES)
        _same("severities", self.severities, [str(severity) for severity in Severity])
        _same("calibration", tuple(self.calibration), LABELS)
        _same("thresholds", tuple(self.thresholds), LABELS)
        wanted = ("O", *(f"{place}-{kind}" for kind in self.span_thresholds for place in "BI"))
        _same("tags", self.tags, wanted)
        if self.stride > self.max_tokens // 2:
            raise ValueError("stride must be at most half of max_tokens")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefact:
    """A model whose files were checked. ``model`` and ``tokenizer`` are the bytes that were hashed."""

    folder: Path
    config: ModelConfig
    model: bytes = field(repr=False)
    tokenizer: bytes = field(repr=False)

    @property
    def title(self) -> str:
        """Name and version, as assessments and reports record it."""
        return f"{self.config.name} {self.config.version}"


def bundled() -> Path:
    """The folder of the model that comes with the program."""
    return Path(__file__).parent / "model"


def load(path: Path) -> Artefact:
    """The artefact in a folder; ModelError names the file that is missing, altered or of the wrong shape."""
    sums = _sums(path / SUMS)
    files = {name: _checked(path / name, digest) for name, digest in sums.items()}
    try:
        config = ModelConfig.model_validate_json(files[CONFIG])
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise ModelError(f"{path / CONFIG}: {place}: {first['msg']}; {REMEDY}") from error
    return Artefact(folder=path, config=config, model=files[MODEL], tokenizer=files[TOKENIZER])


def _sums(path: Path) -> dict[str, str]:
    """File name to SHA-256 (hex), as ``sha256sum`` writes them."""
    sums: dict[str, str] = {}
    for line in _read(path).decode("utf-8", "replace").splitlines():
        parts = re.fullmatch(r"([0-9a-f]{64}) [ *]([\w.-]+)", line.strip())
        if not parts:
            raise ModelError(f"{path}: a line is not '<sha256>  <file>'; {REMEDY}")
        sums[parts[2]] = parts[1]
    missing = [name for name in (MODEL, TOKENIZER, CONFIG) if name not in sums]
    if missing:
        raise ModelError(f"{path}: no line for {', '.join(missing)}; {REMEDY}")
    return sums


def _checked(path: Path, digest: str) -> bytes:
    content = _read(path)
    if hashlib.sha256(content).hexdigest() != digest:
        raise ModelError(f"{path}: altered since it was made (SHA-256 differs from {SUMS}); {REMEDY}")
    return content


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}); {REMEDY}") from error


def _same(key: str, given: tuple[str, ...], wanted: tuple[str, ...] | list[str]) -> None:
    if sorted(given) != sorted(wanted):
        raise ValueError(f"{key} must be exactly: {', '.join(wanted)}")
