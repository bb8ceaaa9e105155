"""
How much of a voice is enough?
==============================

Where no sentence was said by both, a converter learns from two heaps of clips and their labels. The
target is the voice that is hard to come by. Here its heap grows sentence by sentence, and two ways
to use it are compared.
"""

# %%
# Several voices, and no sentence in common
# -----------------------------------------
# Two sources speak the first four sentences, the target the next ones. The last two are kept for
# the test, and the target's are heard by nobody.
import tempfile

import matplotlib.pyplot as plt
import numpy as np

from skstyle import (
    GaussianTransport,
    GlobalVarianceScaler,
    KNNFrameRegressor,
    SourceFilterVocoder,
    UnpairedConverter,
)
from skstyle.datasets import example_voices
from skstyle.inspection import AudioRow
from skstyle.metrics import mel_cepstral_distortion

voices, rate = example_voices(12)
first, second, *_, target = voices
sources = voices[first][:4] + voices[second][:4]
labels = [first] * 4 + [second] * 4
x_test, y_test = voices[first][10:], voices[target][10:]

# %%
# Two ways
# --------
# A Gaussian transport is a linear map, and has to know a mean and a covariance of the target. The
# neighbours put a sentence together from the target's own frames, and can only say what it said;
# averages of frames are muffled, and a filter behind gives them the target's variance.
vocoder = SourceFilterVocoder(rate, f0_min_hz=80, f0_max_hz=400, learn_f0_range=False)
mcep = vocoder.fit(x_test).feature_blocks_["mcep"]
lively = GlobalVarianceScaler(columns=slice(mcep.start + 1, mcep.stop), level_column=mcep.start)
ways = {
    "transport": {"transport": GaussianTransport()},
    "neighbours": {
        "transport": KNNFrameRegressor(16, dictionary="target"),
        "post_filter": lively,
    },
}
numbers, distortion, converted = (1, 2, 4, 6), {}, {"source": x_test}
with tempfile.TemporaryDirectory() as folder:
    for name, parts in ways.items():
        for n in numbers:
            clips, speakers = sources + voices[target][4 : 4 + n], labels + [target] * n
            converter = UnpairedConverter(vocoder, **parts, target=target, memory=folder)
            out = converter.fit(clips, speakers).predict(x_test)
            converted[f"{name}, {n} of target"] = out
            distortion[name, n] = mel_cepstral_distortion(y_test, out, sample_rate=rate)

# %%
# Seconds and decibels
# --------------------
# Timbre of the test sentences beside what the target would say. One sentence of less than two
# seconds is no voice yet: the transport hardly leaves the source, and the neighbours lack sounds.
# Two sentences are enough for the neighbours to be clearly nearer than the source; those after them
# help less, and still do at the end. So a few seconds make a start, and what is at hand beyond them
# should be used.
seconds = np.cumsum([len(y) / rate for y in voices[target][4:10]])[np.array(numbers) - 1]
source = mel_cepstral_distortion(y_test, x_test, sample_rate=rate)
print(f"{'source':10s} {source:.2f} dB")
for name in ways:
    row = ", ".join(
        f"{distortion[name, n]:.2f} dB of {s:.1f} s" for n, s in zip(numbers, seconds, strict=True)
    )
    print(f"{name:10s} {row}")

# %%
# Look
# ----
figure, ax = plt.subplots(figsize=(7, 4), layout="constrained")
for name in ways:
    ax.plot(seconds, [distortion[name, n] for n in numbers], "o-", label=name)
ax.axhline(source, color="0.6", linestyle=":", label="source")
ax.set(xlabel="seconds of the target", ylabel="mel-cepstral distortion in dB")
ax.legend()
plt.show()

# %%
# Listen
# ------
AudioRow({**{name: out[0] for name, out in converted.items()}, "truth": y_test[0]}, rate)
