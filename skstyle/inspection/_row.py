"""Several audio players side by side."""

from ._player import AudioPlayer

ROW = "display:flex;flex-wrap:wrap;gap:0.25em 1.5em;align-items:end"
# As narrow as a player may get before the next one goes below it.
CELL = "flex:1 1 14em;min-width:0;max-width:24em"


class AudioRow:
    """Players side by side, to compare clips; on a phone they are below each other.

    Parameters
    ----------
    clips : dict of str to array-like (n_times,), or sequence of (str, array-like)
        Titles and mono signals in [-1, 1].
    sample_rate : float
        Of all clips, in Hz.
    format : {"mp3", "wav"}, default="mp3"
        As in :class:`AudioPlayer`.

    Attributes
    ----------
    players_ : list of AudioPlayer

    Notes
    -----
    Every clip louder than 1, as MP3 than 0.9, is scaled by itself; others keep their loudness.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.inspection import AudioRow
    >>> time = np.arange(8000) / 16000
    >>> clips = {f"{hz} Hz": 0.5 * np.sin(2 * np.pi * hz * time) for hz in (220, 440)}
    >>> AudioRow(clips, 16000)
    AudioRow(['220 Hz', '440 Hz'] at 16000 Hz)
    """

    def __init__(self, clips, sample_rate, *, format="mp3"):
        pairs = list(clips.items() if hasattr(clips, "items") else clips)
        if not pairs:
            raise ValueError("clips is empty: expected a dict of titles and signals.")
        for pair in pairs:
            if not (
                isinstance(pair, (tuple, list)) and len(pair) == 2 and isinstance(pair[0], str)
            ):
                raise TypeError(
                    "clips is a dict of titles to signals, or a list of such pairs, such as "
                    f"{{'source': x, 'converted': y}}, got an item of type {type(pair).__name__}."
                )
        self.sample_rate = sample_rate
        self.format = format
        self.players_ = []
        for title, signal in pairs:
            try:
                self.players_.append(AudioPlayer(signal, sample_rate, title, format=format))
            except ValueError as e:
                raise ValueError(f"Clip {title!r}: {e}") from e

    def __repr__(self):
        titles = [player.title for player in self.players_]
        return f"AudioRow({titles} at {self.sample_rate:g} Hz)"

    def _repr_html_(self):
        cells = "".join(
            f'<div style="{CELL}">{player._repr_html_()}</div>' for player in self.players_
        )
        return f'<div style="{ROW}">{cells}</div>'
