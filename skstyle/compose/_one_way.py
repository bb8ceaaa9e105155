"""From many voices to one: what a converter of several becomes for a target."""

from collections import namedtuple

import numpy as np

from ._unpaired_streams import active_parts

Streams = namedtuple("Streams", ["blocks", "timbre", "breath", "pitch", "silence_db"])
Streams.__doc__ = """Columns of what is mapped; `breath` holds groups of them."""

Style = namedtuple("Style", ["features", "level", "code", "pitch", "breath"])
Style.__doc__ = """A voice: its fitted features, its level in dB, its number among those of the fit
or its code, and what maps pitch and breathiness of other voices to its own."""


def takes_whole(vae):
    """Tell an autoencoder of sequences from one of frames."""
    return getattr(vae, "_takes_sequences", False)


class Heard(list):
    """Sequences whose voices are known.

    Parameters
    ----------
    sequences : list of ndarrays (n_frames, n_features)
    voices : sequence of int
        The number of the voice of each.
    """

    def __init__(self, sequences, voices):
        super().__init__(sequences)
        self.voices = voices


class OneWay:
    """Maps sequences of any voice to one.

    Parameters
    ----------
    vae : VAETransport or ConvVAETransport
        Fitted on the numbers of voices.
    streams : Streams
    style : Style
        The voice to convert to.
    source : int, optional
        Number of the voice to convert from. None recognises it, sequence by sequence.
    """

    def __init__(self, vae, streams, style, source=None):
        self.vae, self.streams, self.style, self.source = vae, streams, style, source

    def recognise(self, X):
        """Return the numbers of the voices of sequences, the target left out."""
        if self.source is not None:
            return [self.source] * len(X)
        without = None if np.ndim(self.style.code) else self.style.code
        active = active_parts(X, self.streams.blocks, self.streams.silence_db)
        heard = [x[:, self.streams.timbre] for x in active]
        if takes_whole(self.vae):
            return self.vae.recognise(heard, without=without)
        return [self.vae.recognise(x, without=without) for x in heard]

    def hear(self, X):
        """Return sequences with their voices, which are recognised once."""
        return X if isinstance(X, Heard) else Heard(X, self.recognise(X))

    def predict(self, X):
        """Map sequences, clip by clip."""
        streams, style, whole = self.streams, self.style, takes_whole(self.vae)
        X = self.hear(X)
        out = [x.copy() for x in X]
        for x, y, source in zip(X, out, X.voices, strict=True):
            said = x[:, streams.timbre]
            moved = self.vae.convert([said] if whole else said, style.code, source)
            y[:, streams.timbre] = moved[0] if whole else moved
            for columns, fitted in zip(streams.breath, style.breath, strict=True):
                y[:, columns] = fitted.transform(x[:, columns])
            if streams.pitch:
                y[:, streams.pitch[0]] = style.pitch(x[:, streams.pitch])
        return out
