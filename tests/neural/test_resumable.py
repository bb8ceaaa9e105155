"""What is kept of training that goes on later."""

import torch

from skstyle.neural._resumable import on_cpu


class Far(torch.Tensor):
    """A tensor that remembers whether it was brought to the CPU."""

    def cpu(self):
        brought.append(self.shape)
        return self.as_subclass(torch.Tensor)


brought = []


def test_what_an_optimizer_has_gathered_is_brought_to_the_cpu():
    brought.clear()
    gathered = torch.ones(3).as_subclass(Far)
    state = {
        "state": {0: {"step": 4, "exp_avg": gathered}},
        "param_groups": [{"lr": 0.1, "betas": (0.9, 0.999), "params": [0]}],
    }
    found = on_cpu(state)
    assert brought == [(3,)]
    copied = found["state"][0]["exp_avg"]
    assert type(copied) is torch.Tensor and copied.data_ptr() != gathered.data_ptr()
    assert found["state"][0]["step"] == 4 and found["param_groups"] == state["param_groups"]
    assert found["param_groups"][0] is not state["param_groups"][0]


def test_an_optimizer_goes_on_from_the_copy():
    layer = torch.nn.Linear(2, 1)
    optimizer = torch.optim.AdamW(layer.parameters(), lr=0.1)
    layer(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    again = torch.optim.AdamW(layer.parameters())
    again.load_state_dict(on_cpu(optimizer.state_dict()))
    for p in layer.parameters():
        for name, values in optimizer.state[p].items():
            torch.testing.assert_close(again.state[p][name], values)
