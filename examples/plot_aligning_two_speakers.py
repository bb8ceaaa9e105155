"""
Aligning two speakers
=====================

Two people never say a sentence at the same pace. Before a regressor can learn frame by frame,
the frames of one have to find those of the other. Here the truth is known, and every path can be
checked against it.
"""

# %%
# Two speakers, and who is where when
# -----------------------------------
# The synthetic speakers say the same sentences at a pace of their own; ``truth`` tells for every
# moment of the source which moment of the target it is. Frames of 5 ms have pitch and voicing in
# the first columns, and then a mel-cepstrum: the level, and the timbre.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import Ridge

from skstyle import AlignedRegressor, CTWAligner, DTWAligner, MelSpectrogram, SourceFilterVocoder
from skstyle.datasets import make_parallel_speakers
from skstyle.inspection import AlignmentDisplay, AudioRow

rate, hop = 16000, 0.005
X, y, truth = make_parallel_speakers(
    8, sample_rate=rate, time_warp=0.3, random_state=1, return_truth=True
)
vocoder = SourceFilterVocoder(rate, frame_period_ms=1000 * hop)
source, target = vocoder.fit_transform(X), vocoder.fit_transform(y)
level, *timbre = range(source[0].shape[1])[vocoder.feature_blocks_["mcep"]]


def error_ms(paths):
    """Mean distance in time to the true path."""
    errors = []
    for path, (true_x, true_y) in zip(paths, [p.T for p in truth.paths], strict=True):
        errors.append(np.abs(np.interp(path[:, 0] * hop, true_x, true_y) - path[:, 1] * hop))
    return 1000 * np.concatenate(errors).mean()


# %%
# Paths
# -----
# ``DTWAligner`` finds the path on which frames are nearest to each other. The level tells silence,
# and takes no part in the comparison. The frames of two voices are never quite alike, which pulls
# paths aside; ``AlignedRegressor`` aligns what was converted with the target, again and again, and
# mends that. ``CTWAligner`` looks for projections in which both correlate, and asks for no common
# columns: in the last line mel-cepstra find their way in the bands of a spectrogram.
aligner = DTWAligner(columns=timbre, level_column=level)
mel = MelSpectrogram(rate, n_fft=512, hop_length=80, n_mels=24, output="db")
bands = [b[: len(t)] for b, t in zip(mel.fit_transform(y), target, strict=True)]
paths = {
    "stretched evenly": [
        np.rint(np.linspace((0, 0), (len(a) - 1, len(b) - 1), len(a))).astype(int)
        for a, b in zip(source, target, strict=True)
    ],
    "DTWAligner": aligner.align(source, target),
    "AlignedRegressor": AlignedRegressor(Ridge(), aligner=aligner).fit(source, target).paths_,
    "CTWAligner": CTWAligner(columns=timbre, level_column=level).align(source, target),
    "CTWAligner, bands": CTWAligner(columns=timbre, columns_y=slice(None)).align(source, bands),
}
for name, found in paths.items():
    pairs = zip(source, target, found, strict=True)
    apart = [
        np.linalg.norm(a[p[:, 0]][:, timbre] - b[p[:, 1]][:, timbre], axis=1) for a, b, p in pairs
    ]
    distance = 10 * np.sqrt(2) / np.log(10) * np.concatenate(apart).mean()
    print(f"{name:18s} {error_ms(found):5.1f} ms off, frames {distance:4.1f} dB apart")

# %%
# Frames that are nearer to each other do not make a better path: the paths that are nearest to the
# truth are a little farther from the other voice.
#
# Look
# ----
# Left, the path of ``DTWAligner`` over the distances of all frames, dark where they differ. Right,
# how much later the target is than at an even pace; the truth is the thick line.
figure, axes = plt.subplots(1, 2, figsize=(11, 4.5), layout="constrained", width_ratios=(1, 1.4))
AlignmentDisplay.from_estimator(
    aligner, source[0], target[0], frame_period_ms=1000 * hop, ax=axes[0]
)
ax, (true_x, true_y) = axes[1], truth.paths[0].T
pace = len(y[0]) / len(X[0])
ax.plot(true_x, 1000 * (true_y - pace * true_x), "k", alpha=0.3, linewidth=6, label="truth")
for name, found in list(paths.items())[1:]:
    i, j = hop * found[0].T
    ax.plot(i, 1000 * (j - pace * i), label=name)
ax.set(xlabel="time of the source in s", ylabel="target later than at an even pace, in ms")
ax.legend()
plt.show()

# %%
# Warp
# ----
# ``fit`` and ``transform`` put sequences on the time base of references: the source's frames at
# the target's pace. Made to sound, the source speaks in step with the target.
in_step = vocoder.inverse_transform(aligner.fit(target[:1]).transform(source[:1]))[0]

# %%
AudioRow({"source": X[0], "source, at the target's pace": in_step, "target": y[0]}, rate)
