"""The state model learns where the arm is and where its actions take it."""

import torch

from cvae.data.store import Store, StoreWriter
from cvae.inference.predictor import to_float_frames
from cvae.training.state_fit import fit_state_model
from tests.tiny_data import tiny_sequence, tiny_store


def test_reads_and_rolls_positions(tmp_path) -> None:
    store = Store.open(tiny_store(tmp_path / "store", train=64))
    model = fit_state_model(store.split("train"), updates=150, seed=0)
    sequences = [store.split("test")[i] for i in range(4)]
    frames = torch.cat([to_float_frames(s.frames) for s in sequences])
    positions = torch.stack([torch.from_numpy(s.positions) for s in sequences])
    actions = torch.stack([torch.from_numpy(s.actions) for s in sequences])
    spread = positions.std((0, 1))
    with torch.inference_mode():
        read = model.read(frames).reshape(positions.shape)
        rolled = model.roll(positions[:, :2], actions)
    moving = spread > 1e-4
    read_error = (read - positions).abs().mean((0, 1)) / spread
    still = (positions[:, :2].mean(1, keepdim=True) - positions).abs().mean((0, 1)) / spread
    rolled_error = (rolled - positions).abs().mean((0, 1)) / spread
    assert (read_error[:2] < 0.5).all()  # the height can't be seen in these drawings
    assert (rolled_error[moving] < 0.5 * still[moving]).all()
    assert torch.equal(rolled[:, :2], positions[:, :2])


def test_a_column_that_never_changes_does_not_explode(tmp_path) -> None:
    names = [f"a{number}" for number in range(4)]
    sequences = [tiny_sequence(name, seed, labelled=False) for seed, name in enumerate(names)]
    writer = StoreWriter(tmp_path / "store", {"train": names}, source="x")
    for number, sequence in enumerate(sequences):
        sequence.actions[:, 2], sequence.positions[:, 2] = 3, 0.2
        writer.write("train", number, sequence)
    writer.finish()
    model = fit_state_model(Store.open(tmp_path / "store").split("train"), updates=5, seed=0)
    positions = torch.stack([torch.from_numpy(s.positions) for s in sequences])
    actions = torch.stack([torch.from_numpy(s.actions) for s in sequences])
    assert (model.position_std[2], model.change_std[2], model.action_std[2]) == (1, 1, 1)
    # What does change is divided as it always was, to the bit.
    assert torch.equal(model.position_std[:2], positions.std((0, 1))[:2] + 1e-6)
    change = positions[:, 1:] - positions[:, :-1]
    assert torch.equal(model.change_std[:2], change.std((0, 1))[:2] + 1e-6)
    kept = [0, 1, 3]
    assert torch.equal(model.action_std[kept], actions.std((0, 1))[kept] + 1e-6)
    actions[:, :, 2] = 4  # at other times the gripper does move
    with torch.inference_mode():
        rolled = model.roll(positions[:, :1], actions)
    assert (rolled - positions).abs().max() < 10


def test_fit_is_repeatable(store) -> None:
    split = Store.open(store).split("train")
    first, second = (fit_state_model(split, updates=5, seed=3) for _ in range(2))
    for name, tensor in first.state_dict().items():
        assert torch.equal(tensor, second.state_dict()[name]), name
