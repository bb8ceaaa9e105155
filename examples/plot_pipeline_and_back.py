"""
A pipeline, and back to sound
=============================

Clips of different levels and lengths go through a plain scikit-learn ``Pipeline``, become numbers
that any model likes, and come back as sound: same length, same level. What is lost on the way is
what a step was asked to lose, and nothing else.
"""

# %%
# Clips as they come
# ------------------
# One is beyond full scale, and one hardly to be heard.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skstyle import LoudnessNormalizer, PeakGuard, PerFrame, Preemphasis, Resampler, STFTTransformer
from skstyle.datasets import example_speakers
from skstyle.inspection import AudioRow, SpectrogramDisplay
from skstyle.metrics import log_spectral_distance
from skstyle.signal import integrated_loudness

clips, _, rate = example_speakers(4)
clips = [peak / abs(x).max() * x for x, peak in zip(clips, (1.6, 0.02, 0.3, 0.1), strict=True)]


def tell(name, clips, rate):
    """Print loudness, measured as broadcasters do, and the greatest peak."""
    loudness = [f"{integrated_loudness(x, rate):.1f}" for x in clips]
    print(f"{name:12s} {', '.join(loudness)} LUFS, peak {max(abs(x).max() for x in clips):.2f}")


tell("as they come", clips, rate)

# %%
# Six steps
# ---------
# Peaks are kept within full scale; treble is raised, for it is weak in speech; every clip is made
# as loud as the others. The columns hold real and imaginary parts of spectra, and ``PerFrame`` lets
# scalers and projections of scikit-learn see frames.
steps = [
    Resampler(rate, 8000),
    PeakGuard(warn=False),
    Preemphasis(),
    LoudnessNormalizer(8000, target=-30),
    STFTTransformer(n_fft=256, output="real-imag"),
    PerFrame(StandardScaler()),
]
pipeline = make_pipeline(*steps)
features = pipeline.fit_transform(clips)
tell("inside", pipeline[:4].transform(clips), 8000)
print("features", [x.shape for x in features])
tell("and back", pipeline.inverse_transform(features), rate)

# %%
# Lists that come out of a step remember what the way back needs: lengths and gains. ``list(...)``
# makes a plain one, without a memory. Clips then stay as loud as they were in the pipeline, about.
tell("forgotten", pipeline.inverse_transform(list(features)), rate)

# %%
# What is lost?
# -------------
# Without the change of rate the way back is exact but for rounding, with it the upper half of the
# band is gone. Spectra are compared in the band that is left, up to 3200 Hz: six steps change
# nothing there, and a projection on a few directions does. Magnitudes have no phases, which are
# found anew: no sample is right, and the spectra are nearly so.
ways = {
    "all but the rate": [*steps[1:3], LoudnessNormalizer(rate, target=-30), *steps[4:]],
    "all six": steps,
    "and 40 directions": [*steps, PerFrame(PCA(40, random_state=0))],
    "magnitudes": [*steps[:4], STFTTransformer(n_fft=256, output="magnitude"), steps[5]],
}
back, narrow = {"as it came": clips}, Resampler(rate, 6400).fit(clips)
for name, way in ways.items():
    pipeline = make_pipeline(*way)
    back[name] = pipeline.inverse_transform(pipeline.fit_transform(clips))
    errors = [np.sum((a - x) ** 2) / np.sum(x**2) for a, x in zip(back[name], clips, strict=True)]
    below = -10 * np.log10(errors).mean()
    both = (narrow.transform(x) for x in (clips, back[name]))
    apart = log_spectral_distance(*both, sample_rate=6400)
    print(f"{name:18s} error {below:5.1f} dB below the signal, spectra {apart:5.2f} dB apart")

# %%
# Look
# ----
figure, axes = plt.subplots(1, 5, figsize=(11, 3.5), layout="constrained")
for ax, (name, out) in zip(axes, back.items(), strict=True):
    SpectrogramDisplay.from_predictions(
        out[0], rate, ax=ax, title=name, range_db=70, colorbar=False
    )
    ax.label_outer()
plt.show()

# %%
# Listen
# ------
AudioRow({name: out[0] for name, out in back.items()}, rate)
