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
from skstyle.features import MelSpectrogram, SourceFilterVocoder
from skstyle.inspection import AudioPlayer
from skstyle.metrics import mel_cepstral_distortion
from skstyle.neural import SequenceVAE

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
rng = np.random.default_rng(0)
if folder and data:
    import csv

    converter, clips, heard = load_model(Path(folder, "model.joblib")), {}, {}
    with Path(data, "speech", "transcripts.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["speaker"].startswith("vcc2018_")]
    for row in rows:
        number, name = int(row["utterance"]), row["speaker"].removeprefix("vcc2018_")
        if 30001 <= number <= 30010 or 30025 <= number <= 30030:
            part = clips if number < 30025 else heard
            part.setdefault(name, []).append(read_clip(Path(data, row["path"]))[0])
    new = {int(row["utterance"]): row["transcript"] for row in rows}
    new = [new[number] for number in range(30025, 30031)]
else:
    texts = [write(rng) for _ in range(50)]
    clips = {v: [say(t, v, 3 * i + k) for i, t in enumerate(texts)] for k, v in enumerate(traits)}
    new = [write(rng) for _ in range(6)]
    heard = {name: [say(text, name, 1000) for text in new] for name in traits}
    sizes = {"latent_dim": 4, "content_dim": 64, "decoder_dim": 128, "frames_per_step": 4}
    pace = {"batch_size": 12, "learning_rate": 4e-3, "last_learning_rate": 4e-4}
    vae = SequenceVAE(**sizes, **pace, n_epochs=24, warmup_epochs=5, random_state=0)
    settings = {"n_fft": 320, "hop_length": 160, "n_mels": 32, "floor_db": -60}
    mel = MelSpectrogram(8000, power=1.0, output="log", **settings)
    converter = SequenceVAEConverter(mel, vae)
    converter.fit([x for spoken in clips.values() for x in spoken], 3 * texts)
vae, sample_rate, names = converter.vae_, converter.sample_rate_, list(clips)
print(f"{len(vae.history_['train_loss'])} epochs, {vae.kl_per_dim_.sum():.0f} nats a code")

# %%
# New texts
# ---------
# None of these was in the training. The style of a voice is the mean code of its clips. All that is
# said is compared with what the voice really says: of that text, and of another one.
codes = {name: converter.style_from(spoken) for name, spoken in clips.items()}
right, wrong, stopped = [], [], []
for name in names:
    said = converter.predict(new, style=codes[name])
    stopped += list(vae.stopped_)
    for distances, order in ((right, said), (wrong, said[1:] + said[:1])):
        distances.append(mel_cepstral_distortion(heard[name], order, sample_rate=sample_rate))
    print(f"{name}: {right[-1]:.1f} dB from its own text, {wrong[-1]:.1f} dB from another")
