"""Names of exported files, which a disk must take."""

from types import SimpleNamespace

from demo.export_files import Export


def stem(*models: str) -> str:
    comparison = SimpleNamespace(
        truth=SimpleNamespace(name="a/1"),
        imagined=[SimpleNamespace(model=SimpleNamespace(name=name)) for name in models],
        setup=SimpleNamespace(seed=3),
    )
    return Export(comparison, [], "simulated", None).stem


def test_they_name_the_models_where_these_are_few_and_short():
    assert stem("fixed", "learned") == "a-1_fixed-learned_seed3"


def test_they_count_the_models_where_these_are_many():
    many = [f"ablation-of-the-latent-{number}" for number in range(30)]
    assert stem(*many) == "a-1_30-models_seed3"
