"""Draw the picture of README.md: one conversion between two synthetic voices.

    python docs/make_readme_picture.py

Writes ``docs/_static/readme.png``: what the ten lines of README.md convert, in five panels.
"""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from skstyle import make_voice_converter
from skstyle.datasets import make_parallel_speakers
from skstyle.inspection import ConversionDisplay

PATH = Path(__file__).parent / "_static" / "readme.png"


def main():
    """Convert a sentence, draw it, and save the picture."""
    X, y = make_parallel_speakers(n_sentences=11, random_state=0)
    converter = make_voice_converter(sample_rate=16000, random_state=0).fit(X[:10], y[:10])
    converted = converter.predict(X[10:])
    figure = plt.figure(figsize=(9, 5.4), layout="constrained")
    ConversionDisplay.from_predictions(X[10], converted[0], y[10], sample_rate=16000, fig=figure)
    figure.set_dpi(100)
    figure.canvas.draw()
    pixels = Image.fromarray(np.asarray(figure.canvas.buffer_rgba())).convert("RGB")
    # A palette: spectrograms are a third as large, and look the same.
    pixels.quantize(128, dither=Image.Dither.NONE).save(PATH, optimize=True)
    print(f"{PATH.name}: {PATH.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
