"""Fine-tunes the concern classifier and writes the artefact in classifiers/model."""

import os

# ONNX Runtime reports to its maker from its import on, unless told not to by then.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
