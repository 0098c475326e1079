"""Writes the trained network as an ONNX graph of fused operators, and its int8 copy.

The graph is written by hand rather than traced: the encoder is six equal layers, and ONNX Runtime has one
operator for each of their parts. Embeddings become int8 with a scale for each word, matrices int8 with a
scale for each column; the heads stay in full precision. Activations are scaled by ranges measured once on
training texts: a range taken from each batch would let a text's score depend on the texts beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from classifiers.training.data import AUTHOR_ROLES, LABELS, SEVERITIES, TAGS
from classifiers.training.model import ANSWERS, MIDDLE, OUTPUTS, ConcernModel
from classifiers.training.scoring import Row

Array = NDArray[Any]
OPSET = 17
FUSED = "com.microsoft"
LAYER_NORM_EPSILON = 1e-12
# Seven of eight bits, so that processors without VNNI do not saturate.
WEIGHT_STEPS = 64
Ranges = Mapping[str, tuple[float, float]]


class Graph:
    """Collects nodes and constants; every method returns the name of its result."""

    def __init__(self, ranges: Ranges | None) -> None:
        self.ranges = ranges
        self.measured: list[str] = []
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, name: str, value: Array) -> str:
        """A number or a matrix that the file carries."""
        self.constants.append(numpy_helper.from_array(np.asarray(value, order="C"), name))
        return name

    def add(self, kind: str, inputs: list[str], output: str, domain: str = "", **attributes: Any) -> str:
        """One operator with one result."""
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, domain=domain, **attributes))
        return output

    def product(self, source: str, matrix: Array, output: str) -> str:
        """A matrix product: in integers where the range of its source is known."""
        self.measured.append(source)
        if self.ranges is None:
            return self.add("MatMul", [source, self.constant(f"{output}.weight", matrix)], output)
        scale, zero = affine(*self.ranges[source])
        steps = np.maximum(np.abs(matrix).max(axis=0), 1e-9) / WEIGHT_STEPS
        step = self.constant(f"{output}.in.scale", np.array(scale, np.float32))
        middle = self.constant(f"{output}.in.zero", np.array(zero, np.uint8))
        whole = self.add("QuantizeLinear", [source, step, middle], f"{output}.in")
        table = self.constant(f"{output}.weight", np.round(matrix / steps).astype(np.int8))
        columns = self.constant(f"{output}.scales", steps.astype(np.float32))
        none = self.constant(f"{output}.zeros", np.zeros(len(steps), np.int8))
        return self.add("MatMulIntegerToFloat", [whole, table, step, columns, middle, none], output, FUSED)

    def add_and_norm(self, sums: list[str], gamma: str, beta: str, output: str) -> str:
        """The residual connection (the product, what skipped it, the bias) and its layer norm.

        In three plain operators: ONNX Runtime's fused SkipLayerNormalization took as long as the attention
        (measured on 1.31, one thread; the plain ones a tenth of it).
        """
        product, skipped, bias = sums
        biased = self.add("Add", [skipped, bias], f"{output}.biased")
        total = self.add("Add", [product, biased], f"{output}.sum")
        inputs = [total, gamma, beta]
        return self.add("LayerNormalization", inputs, output, epsilon=LAYER_NORM_EPSILON, axis=-1)

    def split(self, source: str, outputs: list[str], size: int) -> list[str]:
        """Equal parts of the last axis."""
        sizes = self.constant(f"{source}.sizes", np.array([size] * len(outputs), np.int64))
        self.nodes.append(
            helper.make_node("Split", [source, sizes], outputs, name=f"{source}.split", axis=-1)
        )
        return outputs


def affine(low: float, high: float) -> tuple[float, int]:
    """Scale and zero point that map a range, and zero exactly, on one byte."""
    low, high = min(low, 0.0), max(high, 0.0)
    scale = (high - low) / 255 or 1.0
    return scale, round(-low / scale)


def weights_of(model: ConcernModel) -> dict[str, Array]:
    """The network's numbers by name."""
    return {name: value.detach().float().numpy() for name, value in model.state_dict().items()}


def embed(graph: Graph, weights: dict[str, Array], int8: bool) -> str:
    """Word, position and (always the first) token type vectors, normalised."""
    words = weights["encoder.embeddings.word_embeddings.weight"]
    if int8:
        scales = np.maximum(np.abs(words).max(axis=1, keepdims=True), 1e-9) / 127
        table = graph.constant("words", np.round(words / scales).astype(np.int8))
        raw = graph.add("Gather", [table, "input_ids"], "words.raw")
        wide = graph.add("Cast", [raw], "words.wide", to=TensorProto.FLOAT)
        scale = graph.add("Gather", [graph.constant("words.scales", scales), "input_ids"], "words.scale")
        word = graph.add("Mul", [wide, scale], "words.value")
    else:
        word = graph.add("Gather", [graph.constant("words", words), "input_ids"], "words.value")
    written = graph.add("Gather", [graph.constant("case.weight", weights["case.weight"]), "cases"], "case")
    word = graph.add("Add", [word, written], "words.written")
    places = weights["encoder.embeddings.position_embeddings.weight"]
    places = places + weights["encoder.embeddings.token_type_embeddings.weight"][:1]
    length = graph.add("Shape", ["input_ids"], "length", start=1, end=2)
    zero = graph.constant("zero", np.array([0], np.int64))
    place = graph.add("Slice", [graph.constant("places", places), zero, length, zero], "place")
    total = graph.add("Add", [word, place], "embedded")
    gamma = graph.constant("embedded.gamma", weights["encoder.embeddings.LayerNorm.weight"])
    beta = graph.constant("embedded.beta", weights["encoder.embeddings.LayerNorm.bias"])
    inputs = [total, gamma, beta]
    return graph.add("LayerNormalization", inputs, "hidden", epsilon=LAYER_NORM_EPSILON, axis=-1)


def layer(graph: Graph, weights: dict[str, Array], number: int, hidden: str, heads: int) -> str:
    """Attention and feed-forward of one encoder layer."""
    prefix, at = f"encoder.encoder.layer.{number}.", f"layer{number}."

    def matrix(source: str) -> Array:
        return weights[f"{prefix}{source}.weight"].T

    def vector(name: str, source: str) -> str:
        return graph.constant(at + name, weights[prefix + source])

    parts = [f"attention.self.{part}" for part in ("query", "key", "value")]
    packed = np.concatenate([matrix(part) for part in parts], axis=1)
    biases = graph.constant(
        at + "qkv.bias", np.concatenate([weights[f"{prefix}{part}.bias"] for part in parts])
    )
    product = graph.product(hidden, packed, at + "qkv")
    query, key, value = graph.split(product, [at + "query", at + "key", at + "value"], packed.shape[0])
    seen = graph.add(
        "MultiHeadAttention", [query, key, value, biases, "mask32"], at + "context", FUSED, num_heads=heads
    )  # fmt: skip
    product = graph.product(seen, matrix("attention.output.dense"), at + "out")
    hidden = graph.add_and_norm(
        [product, hidden, vector("out.bias", "attention.output.dense.bias")],
        vector("norm1.gamma", "attention.output.LayerNorm.weight"),
        vector("norm1.beta", "attention.output.LayerNorm.bias"),
        at + "attended",
    )
    wide = graph.product(hidden, matrix("intermediate.dense"), at + "up")
    wide = graph.add("BiasGelu", [wide, vector("up.bias", "intermediate.dense.bias")], at + "gelu", FUSED)
    narrow = graph.product(wide, matrix("output.dense"), at + "down")
    return graph.add_and_norm(
        [narrow, hidden, vector("down.bias", "output.dense.bias")],
        vector("norm2.gamma", "output.LayerNorm.weight"),
        vector("norm2.beta", "output.LayerNorm.bias"),
        at + "done",
    )


def answers(graph: Graph, weights: dict[str, Array], hidden: str) -> None:
    """The attention pooling of each answer and its head."""
    query = graph.constant("pool.weight", weights["query.weight"].T)
    scores = graph.add("MatMul", [hidden, query], "pool.scores")
    turned = graph.add("Transpose", [scores], "pool.turned", perm=[0, 2, 1])
    wide = graph.add("Cast", ["attention_mask"], "pool.mask", to=TensorProto.FLOAT)
    one, far = (
        graph.constant(name, np.array(value, np.float32)) for name, value in (("one", 1), ("far", -10000))
    )
    lack = graph.add("Mul", [graph.add("Sub", [one, wide], "pool.absent"), far], "pool.far")
    axis = graph.constant("axis1", np.array([1], np.int64))
    kept = graph.add("Add", [turned, graph.add("Unsqueeze", [lack, axis], "pool.away")], "pool.kept")
    share = graph.add("Softmax", [kept], "pool.share", axis=-1)
    pooled = graph.add("MatMul", [share, hidden], "pooled")
    count = len(LABELS)
    first = graph.add(
        "Gather", [pooled, graph.constant("label.rows", np.arange(count))], "pooled.labels", axis=1
    )
    each = graph.add("Mul", [first, graph.constant("labels.weight", weights["labels.weight"])], "labels.each")
    last = graph.constant("axis2", np.array([2], np.int64))
    total = graph.add("ReduceSum", [each, last], "labels.sum", keepdims=0)
    graph.add("Add", [total, graph.constant("labels.bias", weights["labels.bias"])], "labels")
    borne = graph.add("Sigmoid", ["labels"], "labels.borne")
    for row, head in zip(range(count, ANSWERS), ("relevant", "author_role", "severity"), strict=True):
        own = graph.add(
            "Gather", [pooled, graph.constant(f"{head}.row", np.array(row))], f"pooled.{head}", axis=1
        )
        if head == "severity":
            own = graph.add("Concat", [own, borne], "severity.source", axis=1)
        matrix = graph.constant(f"{head}.weight", weights[f"{head}.weight"])
        bias = graph.constant(f"{head}.bias", weights[f"{head}.bias"])
        graph.add("Gemm", [own, matrix, bias], head, transB=1)


def name_tokens(graph: Graph, weights: dict[str, Array], middle: str, hidden: str) -> None:
    """The head that names each token, on the vectors of two layers."""
    both = graph.add("Concat", [middle, hidden], "tokens.source", axis=-1)
    for place, output in ((0, "tokens.inner"), (2, "tokens")):
        matrix = graph.constant(f"tokens.{place}.weight", weights[f"tokens.{place}.weight"].T)
        bias = graph.constant(f"tokens.{place}.bias", weights[f"tokens.{place}.bias"])
        both = graph.add("Add", [graph.add("MatMul", [both, matrix], f"{output}.product"), bias], output)
        if place == 0:
            both = graph.add("Relu", [both], "tokens.kept")


def network(model: ConcernModel, ranges: Ranges | None = None, watched: bool = False) -> Any:
    """The whole graph: int8 where ranges are given; watched, it also gives what its products read."""
    weights, graph = weights_of(model), Graph(ranges)
    graph.add("Cast", ["attention_mask"], "mask32", to=TensorProto.INT32)
    hidden = embed(graph, weights, int8=ranges is not None)
    shape = model.encoder.config
    layers = [hidden]
    for number in range(shape.num_hidden_layers):
        layers.append(layer(graph, weights, number, layers[-1], shape.num_attention_heads))
    answers(graph, weights, layers[-1])
    name_tokens(graph, weights, layers[MIDDLE], layers[-1])
    shapes: dict[str, list[str | int]] = {
        "labels": ["batch", len(LABELS)],
        "relevant": ["batch", 1],
        "author_role": ["batch", len(AUTHOR_ROLES)],
        "severity": ["batch", len(SEVERITIES)],
        "tokens": ["batch", "seq", len(TAGS)],
    }
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "seq"])
        for name in ("input_ids", "attention_mask", "cases")
    ]
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape_of) for name, shape_of in shapes.items()
    ]
    if watched:
        outputs += [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in graph.measured]
    made = helper.make_graph(graph.nodes, "redshank", inputs, outputs, graph.constants)
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)]
    return helper.make_model(made, opset_imports=opsets, ir_version=10, producer_name="redshank")


def ranges_of(model: ConcernModel, rows: Iterable[Row]) -> dict[str, tuple[float, float]]:
    """What each matrix product reads at least and at most over these texts."""
    session = onnxruntime.InferenceSession(
        network(model, watched=True).SerializeToString(), providers=["CPUExecutionProvider"]
    )
    names = [output.name for output in session.get_outputs()][len(OUTPUTS) :]
    ranges = dict.fromkeys(names, (0.0, 0.0))
    for row, written in rows:
        ids = np.array([row], np.int64)
        inputs = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "cases": np.array([written], np.int64),
        }
        found = session.run(names, inputs)
        for name, value in zip(names, found, strict=True):
            low, high = ranges[name]
            ranges[name] = (min(low, float(value.min())), max(high, float(value.max())))
    return ranges


def write_fp32(model: ConcernModel, path: Path) -> None:
    """The reference that the int8 file is compared with."""
    onnx.save(network(model), str(path))


def write_int8(model: ConcernModel, path: Path, rows: Iterable[Row]) -> None:
    """The file that ships; the rows are windows of training texts, which set the ranges."""
    onnx.save(network(model, ranges_of(model, rows)), str(path))
