"""
Between two voices, and along a code
====================================

A voice is a code of a few numbers to :class:`~skstyle.neural.SequenceVAE`: what lies between two
voices can be said, too, and every number can be turned by itself. How it is trained is told in
:ref:`sphx_glr_auto_examples_plot_text_to_speech.py`.
"""

# %%
# A model of three voices
# -----------------------
# It is saved and loaded again: what a model has learned can be kept, without the clips.
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from skstyle import MelSpectrogram, SequenceVAE, SequenceVAEConverter, load_model, save_model
from skstyle.datasets import make_spoken_text
from skstyle.inspection import AudioRow
from skstyle.metrics import log_spectral_distance

rng = np.random.RandomState(0)
texts = ["".join(rng.choice(list("aeioum"), rng.randint(6, 10))) for _ in range(40)]
voices = {
    name: [make_spoken_text(text, name, random_state=i + k) for i, text in enumerate(texts)]
    for name, k in (("anna", 0), ("ben", 1000), ("carl", 2000))
}
settings = {"n_fft": 320, "hop_length": 160, "n_mels": 32, "floor_db": -60}
mel = MelSpectrogram(8000, power=1.0, output="log", **settings)
sizes = {"latent_dim": 4, "content_dim": 64, "decoder_dim": 128, "frames_per_step": 4}
sizes |= {"batch_size": 12, "learning_rate": 4e-3, "last_learning_rate": 4e-4}
vae = SequenceVAE(**sizes, n_epochs=16, warmup_epochs=4, random_state=0)
trained = SequenceVAEConverter(mel, vae).fit(sum(voices.values(), []), 3 * texts)
with tempfile.TemporaryDirectory() as folder:
    save_model(trained, Path(folder, "model.joblib"))
    converter = load_model(Path(folder, "model.joblib"))

# %%
# Between two voices
# ------------------
# A text that was not in the training, said with codes between those of anna and of ben, and how far
# that is from what either really says.
text, shares = ["ouiamie"], np.linspace(0, 1, 5)
styles = {name: converter.style_from(clips) for name, clips in voices.items()}
between = [(1 - share) * styles["anna"] + share * styles["ben"] for share in shares]
said, away = converter.predict_features(5 * text, style=between), []
for name in ("anna", "ben"):
    heard = [make_spoken_text(text[0], name, random_state=5000)]
    real = converter.features_.transform(heard)[0]
    pairs = ([[20 / np.log(10) * real], [20 / np.log(10) * x]] for x in said)
    away.append([log_spectral_distance(*pair, align=True) for pair in pairs])
    print(f"from {name}:", "  ".join(f"{a:.1f} dB" for a in away[-1]))

# %%
figure, ax = plt.subplots(figsize=(6, 3.5), layout="constrained")
ax.plot(shares, np.transpose(away), "o-", label=["from anna", "from ben"])
ax.set(xlabel="share of ben", ylabel="distance (dB)")
ax.legend()
plt.show()

# %%
# One number of the code
# ----------------------
# The number that says most about the training clips goes from -2 to 2 while the others stay. Nobody
# has told what it should mean; for these voices it is often the tempo.
swept = np.tile(styles["anna"], (5, 1))
swept[:, converter.vae_.kl_per_dim_.argmax()] = np.arange(-2, 3)
results = converter.predict_features(5 * text, style=list(swept))
options = {"figsize": (12, 3), "sharex": True, "sharey": True, "layout": "constrained"}
# sphinx_gallery_thumbnail_number = 2
figure, axes = plt.subplots(1, 5, **options)
for ax, value, x in zip(axes, range(-2, 3), results, strict=True):
    ax.imshow(x.T, origin="lower", aspect="auto", vmin=results[2].min(), vmax=results[2].max())
    ax.set(title=f"{value:+d}", xlabel="frame", xlim=(0, max(map(len, results))))
axes[0].set(ylabel="mel band")
plt.show()

# %%
# Listen
# ------
clips = converter.predict(3 * text, style=between[::2])
AudioRow(dict(zip(("as anna", "halfway", "as ben"), clips, strict=True)), 8000)
