"""Whether a probability means what it says."""

import numpy as np
from numpy.typing import NDArray


def expected_calibration_error(
    chances: NDArray[np.float64], truth: NDArray[np.bool_], bins: int = 15
) -> float:
    """The mean gap between probability and frequency over equal bins, weighed by their texts (Guo et al., 2017).

    Takes one label's probabilities and truths [texts]; gives 0 (true to its word) to 1, and 0 for no texts.
    """
    place = np.minimum((chances * bins).astype(int), bins - 1)
    gaps = [
        abs(float(chances[place == at].mean()) - float(truth[place == at].mean())) * int((place == at).sum())
        for at in range(bins)
        if (place == at).any()
    ]
    return sum(gaps) / max(1, len(chances))
