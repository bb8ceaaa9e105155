"""
A clip instead of a text
========================

With ``content="frames"`` the content of :class:`~skstyle.neural.SequenceVAE` is a clip of anyone:
clip and clip make a clip, and no text is needed. How long the result is, the decoder decides:
converters frame by frame keep the pace of the source.
"""

# %%
# Three voices
# ------------
# In training, clips of one label stand in for each other, so that it is read what they share. The
# labels are numbers here: nobody has to write down what was said.
import matplotlib.pyplot as plt
import numpy as np

from skstyle import MelSpectrogram, SequenceVAE, SequenceVAEConverter
from skstyle.datasets import make_spoken_text
from skstyle.inspection import AudioRow, LearningDisplay
from skstyle.metrics import log_spectral_distance

rng = np.random.RandomState(0)
texts = ["".join(rng.choice(list("aeioum"), rng.randint(6, 10))) for _ in range(46)]
voices = {
    name: [make_spoken_text(text, name, random_state=i + k) for i, text in enumerate(texts)]
    for name, k in (("anna", 0), ("ben", 1000), ("carl", 2000))
}
test = {name: clips[40:] for name, clips in voices.items()}
train = {name: clips[:40] for name, clips in voices.items()}

# %%
# A few epochs
# ------------
settings = {"n_fft": 320, "hop_length": 160, "n_mels": 32, "floor_db": -60}
mel = MelSpectrogram(8000, power=1.0, output="log", **settings)
sizes = {"latent_dim": 4, "content_dim": 64, "decoder_dim": 128, "frames_per_step": 4}
sizes |= {"batch_size": 12, "learning_rate": 4e-3, "last_learning_rate": 4e-4}
vae = SequenceVAE("frames", **sizes, n_epochs=10, warmup_epochs=3, random_state=0)
converter = SequenceVAEConverter(mel, vae).fit(sum(train.values(), []), 3 * list(range(40)))
figure, ax = plt.subplots(figsize=(11, 6), layout="constrained")
LearningDisplay.from_estimator(converter.vae_, ax=ax)
plt.show()

# %%
# Carried over
# ------------
# Clips of anna that were not in the training, in the style of ben. His own clips are the truth.
# Ten epochs bring the result a little nearer to him, and no more: what was said is blurred.
carried = converter.predict(test["anna"], style=converter.style_from(train["ben"]))
clips = {"anna": test["anna"], "anna in the style of ben": carried, "ben": test["ben"]}
frames = {name: converter.features_.transform(x) for name, x in clips.items()}
for name, x in frames.items():
    levels = [[20 / np.log(10) * s for s in part] for part in (frames["ben"], x)]
    print(f"{name}: {log_spectral_distance(*levels, align=True):.1f} dB from ben")

# %%
# sphinx_gallery_thumbnail_number = 2
figure, axes = plt.subplots(3, 1, sharex=True, figsize=(8, 6), layout="constrained")
for ax, (name, x) in zip(axes, frames.items(), strict=True):
    ax.imshow(x[0].T, origin="lower", aspect="auto", vmin=frames["ben"][0].min())
    ax.set(title=name, ylabel="mel band", xlim=(0, max(len(s[0]) for s in frames.values())))
axes[-1].set(xlabel="frame")
plt.show()

# %%
# Listen
# ------
AudioRow({name: x[0] for name, x in clips.items()}, 8000)
