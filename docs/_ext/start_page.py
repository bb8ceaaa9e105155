"""What the start page plays: a conversion that is made while the site is built.

Nothing binary is kept in the repository. The clips are those of ``example_speakers``: synthetic, or
recordings where ``SKSTYLE_DATA`` names their folder. They are made again when the library or this
file has changed. Beside what the synthetic voices gain stands what recorded ones do, as
``measured/main_pair.rst`` has it.
"""

import base64
import io
import json
import os
import re
from hashlib import sha256
from pathlib import Path

import numpy as np
from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.util import logging

import skstyle
from skstyle import make_voice_converter
from skstyle.datasets import example_speakers
from skstyle.features import MelSpectrogram
from skstyle.metrics import mel_cepstral_distortion

logger = logging.getLogger(__name__)

N_SENTENCES = 14
N_TEST = 3
PAUSE = 0.15
MEASURED = "measured/main_pair"
TEXTS = {
    "source": "Source: what was said",
    "converted": "Converted: made by skstyle",
    "target": "Target: what was wanted",
}


def convert():
    """Learn from all sentences but the last three, convert those; (clips, dB before and after)."""
    X, y, sample_rate = example_speakers(N_SENTENCES)
    converter = make_voice_converter(sample_rate, random_state=0)
    converter.fit(X[:-N_TEST], y[:-N_TEST])
    source, target = X[-N_TEST:], y[-N_TEST:]
    converted = converter.predict(source)
    before, after = (
        mel_cepstral_distortion(target, clips, sample_rate=sample_rate)
        for clips in (source, converted)
    )
    clips = [join(clips, sample_rate) for clips in (source, converted, target)]
    return dict(zip(TEXTS, clips, strict=True)), sample_rate, before, after


def join(clips, sample_rate):
    """Put clips one behind the other, with pauses between them: longer ones are easier to judge."""
    pause = np.zeros(int(PAUSE * sample_rate), clips[0].dtype)
    return np.concatenate([part for clip in clips for part in (clip, pause)][:-1])


def measured(page):
    """Return the distortion of recorded voices, (dB before, dB after), as the page has it."""
    rows = ("source", "joint GMM")
    found = [re.search(rf"\* - {row}\n +-.*\n +- ([\d.]+) ", page) for row in rows]
    if not all(found):
        raise ValueError(f"{MEASURED}.rst has no distortion of {' or '.join(rows)}")
    return [float(row[1]) for row in found]


def sound(clip, sample_rate):
    """Compress a clip; return the bytes of an mp3 file."""
    import soundfile

    file = io.BytesIO()
    clip = clip / max(1.0, float(np.abs(clip).max()))
    soundfile.write(file, clip, int(sample_rate), format="MP3", subtype="MPEG_LAYER_III")
    return file.getvalue()


def picture(clip, sample_rate, seconds, height=96, width=480):
    """Paint a mel spectrogram without frame or axes; return the bytes of a jpg file."""
    from matplotlib.image import imsave

    hop = max(1, int(seconds * sample_rate) // width)
    mel = MelSpectrogram(
        sample_rate, n_fft=1024, hop_length=hop, n_mels=height, f_max_hz=8000, output="db"
    )
    # All clips are on one scale of time: the longest fills the width.
    padded = np.zeros(int(seconds * sample_rate), clip.dtype)
    padded[: len(clip)] = clip
    (levels,) = mel.fit_transform([padded])
    top = levels.max()
    file = io.BytesIO()
    imsave(file, levels.T, cmap="magma", vmin=top - 65, vmax=top, origin="lower", format="jpg")
    return file.getvalue()


def make_parts():
    """Make all that the page shows, ready for json."""
    clips, sample_rate, before, after = convert()
    seconds = max(len(clip) for clip in clips.values()) / sample_rate
    parts = {"before": before, "after": after, "real": bool(os.environ.get("SKSTYLE_DATA"))}
    for name, clip in clips.items():
        files = sound(clip, sample_rate), picture(clip, sample_rate, seconds)
        parts[name] = [base64.b64encode(file).decode("ascii") for file in files]
    return parts


def cached_parts(folder):
    """Return the parts from the cache, made anew where library, data or this file changed."""
    digest = sha256(os.environ.get("SKSTYLE_DATA", "").encode())
    for path in (Path(__file__), *sorted(Path(skstyle.__file__).parent.rglob("*.py"))):
        digest.update(path.read_bytes())
    file = Path(folder, f"{digest.hexdigest()[:20]}.json")
    if not file.exists():
        logger.info("converting a voice for the start page...")
        parts = json.dumps(make_parts())
        file.parent.mkdir(parents=True, exist_ok=True)
        for old in file.parent.glob("*.json"):
            old.unlink()
        file.write_text(parts, encoding="utf-8")
    return json.loads(file.read_text(encoding="utf-8"))


def to_html(parts, real, link):
    """Write the players, each beside its picture, and what is gained, by recorded voices too."""
    rows = []
    for name, text in TEXTS.items():
        mp3, jpg = parts[name]
        title, _, rest = text.partition(": ")
        rows.append(
            f'<div class="sk-row"><div><span class="sk-name">{title}</span> <span>{rest}</span>'
            f'<audio controls src="data:audio/mpeg;base64,{mp3}" aria-label="{text}"></audio></div>'
            f'<img class="dark-light" src="data:image/jpeg;base64,{jpg}"'
            f' alt="Spectrogram of the {name} clip, up to 8 kHz"></div>'
        )
    voices = "Recorded voices" if parts["real"] else "Synthetic voices, an easy case"
    gain = (
        f'{voices}. <span class="sk-more">{N_SENTENCES - N_TEST} sentences to learn from; these '
        f"{N_TEST} are new. Distance to the target: </span>{parts['before']:.1f} dB before, "
        f"{parts['after']:.1f} dB after."
    )
    gain += ' <a href="{}">Real speech</a>: {:.2f} dB before, {:.2f} dB after.'.format(link, *real)
    return f'<div class="sk-hero">{"".join(rows)}<p class="sk-gain">{gain}</p></div>'


class StartPage(Directive):
    """Put the conversion on a page."""

    def run(self):
        """Return the node."""
        env = self.state.document.settings.env
        page = Path(env.doc2path(MEASURED))
        env.note_dependency(str(page))
        parts = cached_parts(Path(env.srcdir, "generated", "start_page"))
        link = env.app.builder.get_relative_uri(env.docname, MEASURED)
        html = to_html(parts, measured(page.read_text(encoding="utf-8")), link)
        return [nodes.raw("", html, format="html")]


def setup(app):
    """Register the directive."""
    app.add_directive("start-page", StartPage)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
