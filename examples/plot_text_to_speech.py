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
# Six letters are steady sounds: pulses through two resonances. A blank is a pause. Three voices
# differ in pitch and in the length of the throat, and every clip has its own tempo and pitch.
import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from scipy.signal import lfilter

from skstyle import load_model
from skstyle.audio import read_clip
from skstyle.compose import SequenceVAEConverter
from skstyle.features import MelSpectrogram
from skstyle.inspection import AudioPlayer
from skstyle.metrics import log_spectral_distance
from skstyle.neural import SequenceVAE
from skstyle.signal import SilenceTrimmer

# Resonances and pitches in Hz; the last number of a voice multiplies resonances.
sounds = {"a": (800, 1200), "e": (500, 1900), "i": (300, 2300)}
sounds |= {"o": (500, 900), "u": (320, 650), "m": (250, 1300)}
traits = {"anna": (210, 1.2), "ben": (110, 1.0), "carl": (150, 0.85)}


def say(text, name, seed, rate=8000):
    """Say a text as a voice does."""
    rng = np.random.default_rng(seed)
    pitch, tract = traits[name]
    n = int(rate * rng.uniform(0.08, 0.13))
    falling = pitch * rng.uniform(0.93, 1.07) * np.linspace(1.1, 0.9, n * len(text))
    pulses = np.diff(np.floor(np.cumsum(falling) / rate), prepend=0)
    pulses += 0.003 * rng.normal(size=pulses.size)
    clip, states = [], np.zeros((2, 2))
    for letter, x in zip(text, pulses.reshape(len(text), n), strict=True):
        x = x * (letter != " ")
        for k, frequency in enumerate(sounds.get(letter, (500, 1500))):
            pole = 0.965 * np.exp(2j * np.pi * frequency * tract / rate)
            denominator = np.poly([pole, pole.conj()]).real
            x, states[k] = lfilter([1], denominator, x, zi=states[k])
        clip.append(x)
    clip = np.concatenate(clip)
    return 0.3 * clip / np.abs(clip).max()


def write(rng):
    """Write two words."""
    return " ".join("".join(rng.choice(list(sounds), size)) for size in rng.integers(3, 6, 2))


rng = np.random.default_rng(0)
texts = [write(rng) for _ in range(50)]
toy_new = ["oui amie", *(write(rng) for _ in range(5))]
toy_clips, toy_heard = {}, {}
for k, name in enumerate(traits):
    toy_clips[name] = [say(text, name, 3 * i + k) for i, text in enumerate(texts)]
    toy_heard[name] = [say(text, name, 1000 + i) for i, text in enumerate(toy_new)]
settings = {"n_fft": 320, "hop_length": 160, "n_mels": 32, "floor_db": -60}
mel = MelSpectrogram(8000, power=1.0, output="log", **settings)
sizes = {"latent_dim": 4, "content_dim": 64, "decoder_dim": 128, "frames_per_step": 4}
sizes |= {"batch_size": 12, "learning_rate": 4e-3, "last_learning_rate": 4e-4}

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
#
# With ``SKSTYLE_SEQUENCE_MODEL``, a folder that ``benchmarks/sequence_vae.py --out`` wrote, and
# ``SKSTYLE_DATA`` this page is about six recorded voices, and about sentences that the model has
# not been trained on.
folder, data = (os.environ.get(name) for name in ("SKSTYLE_SEQUENCE_MODEL", "SKSTYLE_DATA"))
if folder and data:
    import csv

    converter, clips, heard, new = load_model(Path(folder, "model.joblib")), {}, {}, {}
    trimmer = SilenceTrimmer(converter.sample_rate_, threshold_db=-40)
    with Path(data, "speech", "transcripts.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["speaker"].startswith("vcc2018_")]
    for row in rows:
        number, name = int(row["utterance"]), row["speaker"].removeprefix("vcc2018_")
        if 30001 <= number <= 30010 or 30025 <= number <= 30030:
            part = clips if number < 30025 else heard
            clip = read_clip(Path(data, row["path"]))[0]
            part.setdefault(name, []).extend(trimmer.fit_transform([clip]))
            new[number] = row["transcript"]
    new = [new[number] for number in range(30025, 30031)]
else:
    clips, heard, new = toy_clips, toy_heard, toy_new
    converter = SequenceVAEConverter(
        mel, SequenceVAE(**sizes, n_epochs=20, warmup_epochs=5, random_state=0)
    ).fit([x for spoken in clips.values() for x in spoken], 3 * texts)
vae, sample_rate, names = converter.vae_, converter.sample_rate_, list(clips)
print(f"{len(vae.history_['train_loss'])} epochs; {vae.kl_per_dim_.sum():.0f} nats a code")

# %%
# New texts
# ---------
# None of these was in the training. The style of a voice is the mean code of its clips. What is
# said is compared with the same text, and with another one, as the voice really says them.
db = 20 / np.log(10)
codes = {name: converter.style_from(spoken) for name, spoken in clips.items()}
truth = {name: converter.features_.transform(spoken) for name, spoken in heard.items()}


def distance(name, frames):
    """Distance from what a voice really says, in dB, along the best path in time."""
    pairs = [[db * x for x in part] for part in (truth[name], frames)]
    return log_spectral_distance(*pairs, align=True)


for name in names:
    said = converter.predict_features(new, style=codes[name])
    print(
        f"{name}: {distance(name, said):.1f} dB from this text, "
        f"{distance(name, said[1:] + said[:1]):.1f} dB from another; "
        f"{vae.stopped_.mean():.0%} stopped by themselves"
    )

# %%
# Is the text read at all? A decoder that is given the frame before may go on from it and read
# nothing. It is caught by shuffled letters: its error would stay as it is.
frames = truth[names[0]]
rng = np.random.default_rng(0)
shuffled = ["".join(rng.permutation(list(text))) for text in new]
errors = [1 - vae.score(frames, said) for said in (new, shuffled)]
print(f"error {errors[0]:.2f}; {errors[1] / errors[0] - 1:+.0%} when letters are shuffled")

# %%
# Where it reads, and when it stops
# ---------------------------------
# Rows of the third picture are letters, columns are steps: attention only moves forward.
said = converter.predict_features(new[:1], style=codes[names[0]])[0]
size = {"figsize": (9, 7), "layout": "constrained", "height_ratios": [2, 2, 2, 1]}
figure, axes = plt.subplots(4, 1, **size)
for ax, x, title in ((axes[0], frames[0], "the voice"), (axes[1], said, "the model")):
    ax.imshow(x.T, origin="lower", aspect="auto", vmin=frames[0].min(), vmax=frames[0].max())
    ax.set(title=title, ylabel="mel band", xlim=(0, max(len(frames[0]), len(said))))
axes[1].set(xlabel="frame")
axes[2].imshow(vae.alignments_[0].T, aspect="auto", cmap="magma")
axes[2].set(title="attention", ylabel="letter")
if len(new[0]) < 20:
    axes[2].set(yticks=range(len(new[0])), yticklabels=new[0])
axes[3].plot(vae.stop_probabilities_[0], "o-")
axes[3].axhline(vae.stop_threshold, color="0.6", linestyle="--")
axes[3].set(title="probability that the clip is over", xlabel="step", ylim=(-0.05, 1.05))
for ax in axes[2:]:
    ax.set(xlim=(-0.5, len(vae.stop_probabilities_[0]) - 0.5))
plt.show()

# %%
# One text, other voices
# ----------------------
# Only the code changes. Rows are codes, columns voices that really say these texts: the least
# distance of a row, in dB, should be on the diagonal.
print(" " * 8 + "".join(f"{name:>8s}" for name in names))
for name in names:
    said = converter.predict_features(new, style=codes[name])
    print(f"{name:8s}" + "".join(f"{distance(other, said):8.1f}" for other in names))

# %%
# Between two voices
# ------------------
first, second = names[:2]
shares, between, away = np.linspace(0, 1, 5), [], []
for share in shares:
    between.append((1 - share) * codes[first] + share * codes[second])
    said = converter.predict_features(new, style=between[-1])
    away.append([distance(first, said), distance(second, said)])
figure, ax = plt.subplots(figsize=(6, 3.5), layout="constrained")
ax.plot(shares, away, "o-", label=[f"from {first}", f"from {second}"])
ax.set(xlabel=f"share of {second}", ylabel="distance in dB")
ax.legend()
plt.show()

# %%
# One number of the code
# ----------------------
# The number that says most about the training clips goes from -2 to 2 while the others stay. Nobody
# has told what it should mean; for the toy voices it is mostly the tempo.
most, steps = vae.kl_per_dim_.argmax(), (-2, -1, 0, 1, 2)
swept = np.tile(codes[first], (len(steps), 1))
swept[:, most] = steps
results = converter.predict_features(new[:1] * len(steps), style=list(swept))
options = {"figsize": (12, 3), "sharex": True, "sharey": True, "layout": "constrained"}
figure, axes = plt.subplots(1, len(steps), **options)
for ax, value, x in zip(axes, steps, results, strict=True):
    ax.imshow(x.T, origin="lower", aspect="auto", vmin=frames[0].min(), vmax=frames[0].max())
    ax.set(title=f"{value:+d}")
axes[0].set(ylabel="mel band", xlim=(0, max(len(x) for x in results)))
figure.supxlabel("frame")
plt.show()

# %%
# A clip instead of a text
# ------------------------
# With ``content="frames"`` the content is a clip of anyone: clip and clip make a clip, and no text
# is needed. In training, clips of one label stand in for each other, so that it is read what they
# share. After a few epochs, on texts that were not in the training:
options = {"n_epochs": 8, "warmup_epochs": 3, "random_state": 0}
twin = SequenceVAEConverter(mel, SequenceVAE("frames", **sizes, **options))
twin.fit([x for spoken in toy_clips.values() for x in spoken], 3 * texts)
carried = twin.predict(toy_heard["anna"], style=twin.style_from(toy_clips["ben"]))
ben, anna, ours = (
    [db * x for x in twin.features_.transform(part)]
    for part in (toy_heard["ben"], toy_heard["anna"], carried)
)
print(f"anna is {log_spectral_distance(ben, anna, align=True):.1f} dB from ben", end=", ")
print(f"in his style {log_spectral_distance(ben, ours, align=True):.1f} dB")

# %%
# How well does it speak?
# -----------------------
# In a language of six letters every letter is heard hundreds of times. English has more sounds, and
# they change with their neighbours: from minutes of speech a voice, the model learns the voice, the
# pace and where it is in a text, but sentences that it has not heard are hard to understand.
# Systems that speak clearly are trained on hours. Contents of clips fare better, since sounds need
# not be guessed from letters; and what :class:`~skstyle.compose.VAEConverter` converts frame by
# frame is clearer still. Phases are guessed here:
# :ref:`a neural vocoder <sphx_glr_auto_examples_plot_neural_vocoder.py>` sounds better.
said = [converter.predict(new[:1], style=z)[0] for z in (between[0], between[2], between[4])]
print(new[0])
AudioPlayer(heard[first][0], sample_rate, title=f"{first} really says the text")

# %%
AudioPlayer(said[0], sample_rate, title=f"the text, as {first}")

# %%
AudioPlayer(said[2], sample_rate, title=f"the text, as {second}")

# %%
AudioPlayer(said[1], sample_rate, title="the text, halfway")

# %%
AudioPlayer(carried[0], 8000, title="a clip of anna in the style of ben")
