"""The code of a style that was not in the fit."""

import numpy as np
import pytest
import torch
from torch import nn

from skstyle.neural._style_code import check_code, fit_code
from skstyle.neural._vae_net import VAENet
from skstyle.neural._vae_training import Frames


class Waves(nn.Module):
    """Decodes a code c to (cos 2c, c / 10), whatever is said."""

    def forward(self, z):
        return torch.cat([torch.cos(2 * z[..., -1:]), z[..., -1:] / 10], dim=-1)


@pytest.fixture
def module():
    net = VAENet(2, 1, nn.Linear(3, 2), Waves(), n_styles=3, style_dim=1)
    for parameter in net.encoder.parameters():
        nn.init.zeros_(parameter)
    net.styles.weight.data = torch.tensor([[-4.0], [-3.0], [6.0]])
    return net.double().eval()


def test_a_known_code_leads_where_the_mean_of_all_does_not(module):
    frames = Frames(np.tile([1.0, 0.2 * np.pi], (50, 1)))
    before = {name: values.clone() for name, values in module.state_dict().items()}
    # From the mean, -1/3, the nearest valley is at 0; only that at 2 pi reaches both columns.
    code = fit_code(module, frames)
    np.testing.assert_allclose(code, [2 * np.pi], atol=1e-3)
    assert code.dtype == np.float64
    for name, values in module.state_dict().items():
        assert torch.equal(values, before[name])


def test_the_mean_of_all_leads_where_known_codes_do_not(module):
    code = fit_code(module, Frames(np.tile([1.0, 0.0], (50, 1))))
    np.testing.assert_allclose(code, [0.0], atol=1e-3)


def test_without_a_search_it_is_the_best_known_code(module):
    code = fit_code(module, Frames(np.tile([0.8, 0.6], (50, 1))), n_steps=0)
    np.testing.assert_array_equal(code, [6.0])
    # It is a copy.
    code[:] = 0
    assert module.styles.weight[2].item() == 6


def test_codes_of_another_width_are_told():
    assert check_code([1, 2], 2).dtype == torch.float64
    with pytest.raises(ValueError, match=r"target has shape \(2,\), expected a label or a code of"):
        check_code([1.0, 2.0], 3)
