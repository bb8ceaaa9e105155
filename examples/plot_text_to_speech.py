"""
Say a text in the voice of a clip
=================================

A text says what, a clip says how. :class:`~skstyle.neural.SequenceVAE` makes sound of both: at
which letter the decoder reads, and where it stops, it decides by itself. It is trained here on a
toy language in seconds; real speech asks for more.
"""

# %%
# A small language
# ----------------
# Six letters are steady sounds, a blank is a pause. Three voices differ in pitch and in the length
# of the throat, and every clip has its own tempo and pitch. With ``SKSTYLE_DATA``, and
# ``SKSTYLE_SEQUENCE_MODEL``, a folder that ``benchmarks/sequence_vae.py --out`` wrote, this page is
# about six recorded voices, and about sentences that the model has not been trained on.
import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from skstyle import MelSpectrogram, SequenceVAE, SequenceVAEConverter, load_model
from skstyle.datasets import example_texts
from skstyle.inspection import AudioRow
from skstyle.metrics import log_spectral_distance

said = example_texts()
names = list(said.voices)

# %%
# Training
# --------
# A reference encoder turns a clip x into a code z of a few numbers, and an attention decoder makes
# the clip again from z and its text t, a few frames a step. What is minimised::
#
#     KL[q(z | x) || p(z)]  -  E log p(x | z, t)  +  l_stop
#
# The first term keeps codes near N(0, 1), so that they tell little: not more than how. The second
# is the error of the frames. The third is that of the stop token, which says at every step whether
# the clip is over.
if said.sample_rate == 8000:
    settings = {"n_fft": 320, "hop_length": 160, "n_mels": 32, "floor_db": -60}
    mel = MelSpectrogram(8000, power=1.0, output="log", **settings)
    sizes = {"latent_dim": 4, "content_dim": 64, "decoder_dim": 128, "frames_per_step": 4}
    sizes |= {"batch_size": 12, "learning_rate": 4e-3, "last_learning_rate": 4e-4}
    vae = SequenceVAE(**sizes, n_epochs=20, warmup_epochs=5, random_state=0)
    converter = SequenceVAEConverter(mel, vae).fit(sum(said.voices.values(), []), 3 * said.texts)
else:
    converter = load_model(Path(os.environ["SKSTYLE_SEQUENCE_MODEL"], "model.joblib"))
vae, db = converter.vae_, 20 / np.log(10)

# %%
# New texts
# ---------
# None of these was in the training. The style of a voice is the mean code of its clips. What is
# said is compared with what all voices really say, in dB along the best path in time. Only the code
# changes from row to row: the least distance of a row should be on the diagonal.
truth = {name: converter.features_.transform(clips) for name, clips in said.heard.items()}
styles = {name: converter.style_from(clips) for name, clips in said.voices.items()}
for name, style in styles.items():
    made = [db * x for x in converter.predict_features(said.new_texts, style=style)]
    real = ([db * x for x in frames] for frames in truth.values())
    away = [log_spectral_distance(frames, made, align=True) for frames in real]
    print(
        f"{name:6s}", "  ".join(f"{a:4.1f} dB from {b}" for a, b in zip(away, names, strict=True))
    )
    print(f"       {vae.stopped_.mean():.0%} stopped by themselves")

# %%
# Is the text read at all? A decoder that is given the frame before may go on from it and read
# nothing. It is caught by shuffled letters: its error would stay as it is.
rng = np.random.default_rng(0)
shuffled = ["".join(rng.permutation(list(text))) for text in said.new_texts]
errors = [1 - vae.score(truth[names[0]], texts) for texts in (said.new_texts, shuffled)]
print(f"error {errors[0]:.2f}; {errors[1] / errors[0] - 1:+.0%} when letters are shuffled")

# %%
# Where it reads, and when it stops
# ---------------------------------
# Rows of the third picture are letters, columns are steps: attention only moves forward.
frames = (
    truth[names[0]][0],
    converter.predict_features(said.new_texts[:1], style=styles[names[0]])[0],
)
figure, axes = plt.subplots(4, 1, figsize=(9, 8), layout="constrained")
for ax, x, title in zip(axes, frames, ("the voice", "the model"), strict=False):
    ax.imshow(x.T, origin="lower", aspect="auto", vmin=frames[0].min(), vmax=frames[0].max())
    ax.set(title=title, xlabel="frame", ylabel="mel band")
axes[2].imshow(vae.alignments_[0].T, aspect="auto", cmap="magma")
axes[2].set(title="attention", ylabel="letter")
axes[3].plot(vae.stop_probabilities_[0], "o-")
axes[3].set(title="probability that the clip is over", xlabel="step", ylim=(-0.05, 1.05))
plt.show()

# %%
# How well does it speak?
# -----------------------
# In a language of six letters every letter is heard hundreds of times. English has more sounds, and
# they change with their neighbours: from minutes of speech a voice, the model learns the voice, the
# pace and where it is in a text, but sentences that it has not heard are hard to understand.
# Systems that speak clearly are trained on hours. Contents of clips fare better, since sounds need
# not be guessed from letters: see :ref:`sphx_glr_auto_examples_plot_a_clip_instead_of_a_text.py`.
# Phases are guessed here:
# :ref:`a neural vocoder <sphx_glr_auto_examples_plot_neural_vocoder.py>` sounds better.
print(said.new_texts[0])
clips = {f"{names[0]} really says it": said.heard[names[0]][0]}
for name, style in styles.items():
    clips[f"as {name}"] = converter.predict(said.new_texts[:1], style=style)[0]
AudioRow(clips, converter.sample_rate_)
