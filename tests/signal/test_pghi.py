"""Phase gradients: the constants of the paper, and phases of sounds that are known."""

import numpy as np
import pytest
from scipy.signal import chirp, get_window

from skstyle.signal import reconstruct_phase
from skstyle.signal._fourier import stft
from skstyle.signal._pghi import gaussian_gamma, pghi
from skstyle.signal._phase_heap import integrate

N_FFT, HOP = 512, 64
WINDOW = get_window("hann", N_FFT)


def wrapped(phase):
    return np.angle(np.exp(1j * phase))


@pytest.mark.parametrize(
    ("window", "constant"), [("hann", 0.25645), ("hamming", 0.29794), ("blackman", 0.17954)]
)
@pytest.mark.parametrize("length", [256, 1000])
def test_constants_of_the_paper(window, constant, length):
    gamma = gaussian_gamma(get_window(window, length))
    assert gamma / length**2 == pytest.approx(constant, rel=2e-3)


def test_a_gaussian_fits_itself():
    gamma = gaussian_gamma(get_window(("gaussian", 40), 512))
    assert gamma == pytest.approx(2 * np.pi * 40**2, rel=1e-3)


def test_zeros_around_a_window_change_nothing():
    padded = np.pad(get_window("hann", 200), 50)
    alone = gaussian_gamma(get_window("hann", 200))
    assert gaussian_gamma(padded) == pytest.approx(alone, rel=1e-4)
    assert gaussian_gamma(-padded) == gaussian_gamma(padded)


def estimate(x, window=WINDOW, hop=HOP):
    true = stft(x, window, hop)
    return true, pghi(np.abs(true), window, hop, np.random.default_rng(0))


@pytest.mark.parametrize("frequency", [0.01, 0.0731, 0.25, 0.41])
def test_a_sinusoid_advances_by_its_frequency(frequency):
    x = np.cos(2 * np.pi * frequency * np.arange(8000))
    true, phase = estimate(x)
    peak = round(frequency * N_FFT)
    inner = slice(10, -10)  # frames without an end of the clip
    for k in (peak - 1, peak, peak + 1):
        steps = wrapped(np.diff(phase[inner, k]) - 2 * np.pi * frequency * HOP)
        assert np.abs(steps).max() < 0.03
    # All bins of the peak agree, up to one constant.
    error = wrapped(phase - np.angle(true))[inner, peak - 1 : peak + 2]
    assert wrapped(error - error[:, [1]]).std() < 0.02


@pytest.mark.parametrize(
    "x",
    [
        np.cos(0.3 * np.arange(8000)),
        chirp(np.arange(8000), 0.02, 8000, 0.4),
        np.eye(1, 8000, 4321)[0],
        sum(np.cos(0.05 * k * np.arange(8000) + k**2) for k in range(1, 12)),
    ],
    ids=["sinusoid", "chirp", "click", "harmonics"],
)
def test_known_sounds_are_found_at_once(x):
    magnitude = np.abs(stft(x, WINDOW, HOP))
    convergence = reconstruct_phase(magnitude, WINDOW, HOP, method="pghi", n_times=len(x))[1]
    assert convergence[0] < 0.06


def test_a_gaussian_window_is_exact_for_a_chirp():
    """Where the theory holds, only the discretisation and the ends are left."""
    window = get_window(("gaussian", 40), 512)
    x = chirp(np.arange(8000), 0.1, 8000, 0.15)
    true, phase = estimate(x, window, 16)
    inner = slice(40, -40)
    loud = np.abs(true[inner]) > 0.1 * np.abs(true).max()
    error = wrapped(phase - np.angle(true))[inner]
    error = wrapped(error - error[len(error) // 2, np.abs(true[inner][len(error) // 2]).argmax()])
    assert np.abs(error[loud]).max() < 0.15


def test_only_quiet_phases_are_random():
    x = np.cos(0.3 * np.arange(4000)) * np.hanning(4000)
    magnitude = np.abs(stft(x, WINDOW, HOP))
    a, b = (pghi(magnitude, WINDOW, HOP, np.random.default_rng(seed)) for seed in (0, 1))
    loud = magnitude > 1e-6 * magnitude.max()
    np.testing.assert_array_equal(a[loud], b[loud])
    assert 0 < loud.mean() < 1
    assert (a[~loud] != b[~loud]).all()


def test_windows_off_the_middle_are_read_at_their_centre():
    x = np.cos(0.3 * np.arange(4000)) * np.hanning(4000)
    found = {}
    for left in (128, 100, 157, 0):
        window = np.pad(get_window("hann", 256), (left, 256 - left))
        magnitude = np.abs(stft(x, window, 16))
        found[left] = reconstruct_phase(
            magnitude, window, 16, method="pghi", n_times=len(x), rng=0
        )[1][0]
        assert found[left] < 0.06
        assert found[left] == pytest.approx(found[128], abs=0.01)


def flood(log_magnitude, seeds=(0,), per_hop=0.0, per_bin=0.0, advance=0.0):
    phase = np.full(log_magnitude.shape, 9.0)
    known = np.zeros(log_magnitude.shape, bool)
    seeds = np.asarray(seeds)
    integrate(log_magnitude, seeds, -5.0, 64, per_hop, per_bin, advance, phase, known)
    return phase, known


def test_integration_reaches_all_that_is_loud_and_nothing_else():
    s = np.full((6, 7), -1.0)
    s[:, 3] = -9.0  # a wall between two islands
    phase, known = flood(s)
    np.testing.assert_array_equal(known, s > -5)
    assert (phase[~known] == 9.0).all()
    assert not phase[known].any()


def test_integration_over_bins_is_exact_where_slopes_are_linear():
    """With log-magnitudes t k / 20 the slope over time is k / 20, and its integral a parabola."""
    s = np.arange(2.0)[:, None] * np.arange(9.0) / 20 - 4
    phase, _ = flood(s, per_bin=1.0)
    np.testing.assert_allclose(phase, np.tile(np.arange(9.0) ** 2 / 40, (2, 1)), atol=1e-12)


def test_integration_over_time_is_exact_where_slopes_are_linear():
    s = np.arange(9.0)[:, None] * np.arange(3.0) / 20 - 4
    s[:, [0, 2]] -= 1.1  # the middle bin alone is loud
    phase, known = flood(s, per_hop=1.0)
    assert known[:, 1].all() and not known[:, 0].any()
    np.testing.assert_allclose(phase[:, 1], np.arange(9.0) ** 2 / 40, atol=1e-12)


def test_integration_starts_at_the_seed():
    """With one bin apart from all others only time counts: it advances by its frequency."""
    s = np.full((4, 3), -9.0)
    s[:, 1] = -1.0
    phase, _ = flood(s, seeds=[2 * 3 + 1], advance=0.5)
    np.testing.assert_allclose(phase[:, 1], 0.5 * (np.arange(4) - 2), atol=1e-12)


@pytest.mark.parametrize(("over_bins", "over_time"), [(-1.0, -4.0), (-4.0, -1.0)])
def test_integration_goes_the_loud_way(over_bins, over_time):
    """Frequencies advance by themselves: the order of two steps matters."""
    s = np.array([[0.0, over_bins], [over_time, -4.5]])
    phase, _ = flood(s, advance=0.5)
    assert phase[1, 1] == (0.5 if over_bins > over_time else 0.0)


def test_phases_stay_within_half_a_turn():
    s = np.full((500, 3), -9.0)
    s[:, 1] = -1.0
    phase, _ = flood(s, seeds=[1], advance=2.9)
    phase = phase[:, [1]]
    assert np.abs(phase).max() <= np.pi + 1e-9
    np.testing.assert_allclose(wrapped(phase[:, 0] - 2.9 * np.arange(500)), 0, atol=1e-9)
