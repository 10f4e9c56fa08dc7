"""Evaluations that nothing was measured for."""

import numpy as np
import pandas as pd

from cvae.evaluation.columns import MEASURED
from cvae.evaluation.protocol import Protocol
from cvae.evaluation.rows import VARIANTS
from cvae.evaluation.scores import COLUMNS, Evaluation
from cvae.evaluation.summary import overall, per_step


def made_up(protocol: Protocol, sequences: int = 3, seed: int = 0) -> pd.DataFrame:
    """Scores of plausible size, a row a frame."""
    rng, rows = np.random.default_rng(seed), []
    for number in range(sequences):
        for variant in VARIANTS:
            for frame in protocol.future:
                values = rng.normal(22, 3, len(MEASURED))
                rows.append((protocol.name, f"sim-test-{number:05d}", variant, frame, *values))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def evaluation_of(scores: pd.DataFrame, protocol: Protocol) -> Evaluation:
    count = scores.sequence.nunique()
    numbers = {"overall": overall(scores), "steps": per_step(scores)}
    about = {"data": "data/sim", "data_checksum": "a1"}
    about |= {"source": "simulated", "split": "test", "split_size": count}
    model = {"checkpoint": "fixed", "prior": "fixed", "n_past": 2, "samples": 5}
    return Evaluation(
        protocol=protocol, sequences=count, without_positions=0, **model, **about, **numbers
    )
