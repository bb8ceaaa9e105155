"""Write the golden values of all measures: ``python tests/metrics/make_golden.py``.

The clips are sums of sines and a fixed sequence of noise, so that they depend on no other part of
the library. Look at what has changed before committing it: values change only with definitions.
"""

import json
from pathlib import Path

import numpy as np

from skstyle import metrics

FOLDER = Path(__file__).parent / "golden"
RATE = 16000
# Settings beside the defaults; each is a row of its own.
SETTINGS = {
    "chroma_similarity": [{}],
    "frechet_distance": [{"n_mels": 20}],
    "global_variance_log_ratio": [{}, {"signed": True}],
    "gram_distance": [{"n_filters": 16}],
    "log_f0_correlation": [{}],
    "log_f0_rmse": [{}, {"unit": "cents"}],
    "log_spectral_distance": [{}, {"align": True}],
    "mel_cepstral_distortion": [{}, {"align": False}, {"include_c0": True}, {"order": 16}],
    "modulation_spectrum_rmse": [{}, {"segment_length": None}],
    "multi_resolution_stft_distance": [{}, {"level_db": None}],
    "onset_f1": [{}],
    "speaker_similarity": [{}, {"reference": "same"}],
    "spectral_convergence": [{}, {"level_db": None}],
    "timbre_distance": [{}],
    "voicing_error": [{}],
}


def voice(seed, f0_hz, stretch, formants_hz, seconds=0.6):
    """Make three syllables of a gliding voice, noise between them.

    Parameters
    ----------
    seed : int
    f0_hz : float
        Pitch in the middle.
    stretch : float
        How much slower it speaks than others.
    formants_hz : tuple of float
    seconds : float, default=0.6

    Returns
    -------
    x : ndarray of shape (n_times,)
    """
    t = np.arange(int(seconds * stretch * RATE)) / RATE / stretch
    pitch = f0_hz * (1 + 0.15 * np.sin(2 * np.pi * 1.7 * t + seed))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    x = np.zeros(len(t))
    for h in range(1, 25):
        shift = 1 + 0.25 * np.sin(2 * np.pi * 2.3 * t + seed)
        amplitude = sum(1 / (1 + ((h * pitch - f * shift) / 150) ** 2) for f in formants_hz)
        x += np.where(h * pitch < 7000, amplitude, 0) * np.sin(h * phase) / h
    noise = np.random.RandomState(seed).standard_normal(len(t))  # noqa: NPY002 (frozen for good)
    speaks = np.sin(2 * np.pi * 1.9 * t) ** 2
    return 0.2 * speaks * x + (0.02 * (1 - speaks) + 0.001) * noise


def golden_clips():
    """Two targets and what two conversions of them might be.

    Returns
    -------
    y_true, y_pred : list of ndarray
    """
    y_true = [voice(seed, 180, 1.0, (600, 1500, 2600)) for seed in range(2)]
    y_pred = [voice(seed, 150, 1.1, (500, 1300, 2500)) for seed in range(2)]
    return y_true, y_pred


def golden_values(name):
    """Return the rows of one measure.

    Parameters
    ----------
    name : str

    Returns
    -------
    rows : list of dict
        Settings and values, one a clip where there is one.
    """
    y_true, y_pred = golden_clips()
    each = {} if name == "frechet_distance" else {"average": False}
    measure = getattr(metrics, name)
    return [
        {
            "settings": extra,
            "values": np.ravel(measure(y_true, y_pred, sample_rate=RATE, **each, **extra)).tolist(),
        }
        for extra in SETTINGS[name]
    ]


def main():
    """Write a file a measure."""
    FOLDER.mkdir(exist_ok=True)
    for name in SETTINGS:
        text = json.dumps(golden_values(name), indent=1)
        (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        print(name)


if __name__ == "__main__":
    main()
