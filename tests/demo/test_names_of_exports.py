"""Names of exported files, which a disk must take."""

import re
from types import SimpleNamespace

from demo.export_files import Export
from demo.loading import PRIOR_MEAN, TOLD, Setup


def stem(*models: str, setup: Setup | None = None) -> str:
    comparison = SimpleNamespace(
        truth=SimpleNamespace(name="a/1"),
        imagined=[SimpleNamespace(model=SimpleNamespace(name=name)) for name in models],
        setup=setup or Setup(seed=3),
    )
    return Export(comparison, [], "simulated", None).stem


def test_they_name_the_models_where_these_are_few_and_short():
    assert stem("fixed", "learned") == "a-1_fixed-learned_seed3"


def test_they_count_the_models_where_these_are_many():
    many = [f"ablation-of-the-latent-{number}" for number in range(30)]
    assert re.fullmatch(r"a-1_30-models-[0-9a-f]{6}_seed3", stem(*many))
    assert stem(*many) != stem(*many[1:], "another")


def test_no_two_different_predictions_share_one():
    setups = [
        Setup(seed=4),
        Setup(samples=2),
        Setup(horizon=28),
        Setup(states="rolled out"),
        Setup(latent=PRIOR_MEAN),
        Setup(latent=TOLD),
        Setup(latent=TOLD, states="rolled out"),
    ]
    names = [stem("fixed", setup=setup) for setup in setups]
    assert len(set(names)) == len(names)
    assert names[4:6] == ["a-1_fixed_z-mean", "a-1_fixed_posterior-reference"]
    assert stem("fixed", setup=Setup(seed=9, latent=PRIOR_MEAN)) == names[4], "no seed in it"
