"""Texts as numbers: one for every character, or for every phoneme."""

import numpy as np


def as_tokens(transcripts, name="y"):
    """Cut transcripts into symbols.

    Parameters
    ----------
    transcripts : sequence of str, or of sequences of str
        Texts, whose symbols are their characters in lower case, any white space being one blank;
        or symbols, such as phonemes, which stay as they are.
    name : str, default="y"
        What messages call it.

    Returns
    -------
    tokens : list of lists of str

    Raises
    ------
    TypeError
        When there is no list of transcripts, or one of them is no text.
    ValueError
        When one of them is empty.
    """
    if isinstance(transcripts, str) or not hasattr(transcripts, "__len__"):
        raise TypeError(
            f"{name} is {transcripts!r}, expected a list of transcripts, one a clip: "
            f"{name}=[transcript]."
        )
    if not len(transcripts):
        raise ValueError(f"{name} is an empty list: there is nothing to say.")
    found = []
    for i, transcript in enumerate(transcripts):
        where = f"{name}[{i}]"
        if isinstance(transcript, str):
            tokens = list(" ".join(transcript.lower().split()))
        elif isinstance(transcript, (list, tuple, np.ndarray)) and all(
            isinstance(token, str) for token in transcript
        ):
            tokens = [str(token) for token in transcript]
        else:
            raise TypeError(
                f"{where} is {_short(transcript)}: every clip needs a transcript, a text or a list "
                "of symbols such as ['h', 'eh', 'l', 'ow']. Leave out clips without one."
            )
        if not tokens:
            raise ValueError(f"{where} is an empty transcript. Leave out that clip, or write it.")
        found.append(tokens)
    return found


def _short(value):
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    return repr(value)[:60]


class Symbols:
    """Numbers of symbols; 0 is for padding.

    Parameters
    ----------
    symbols : iterable of str
    """

    def __init__(self, symbols):
        self.symbols = np.array(sorted(set(symbols)), dtype=object)
        self._numbers = {symbol: i + 1 for i, symbol in enumerate(self.symbols)}

    def __len__(self):
        return len(self.symbols)

    def numbers(self, tokens, name="y"):
        """Turn lists of symbols into numbers.

        Parameters
        ----------
        tokens : list of lists of str
        name : str, default="y"
            What messages call it.

        Returns
        -------
        numbers : list of int64 arrays

        Raises
        ------
        ValueError
            When a symbol is unknown.
        """
        found = []
        for i, row in enumerate(tokens):
            unknown = sorted({token for token in row if token not in self._numbers})
            if unknown:
                raise ValueError(
                    f"{name}[{i}] has {', '.join(map(repr, unknown))}, which was in no transcript "
                    f"of the fit. Known: {' '.join(map(str, self.symbols))}. Write it in these, or "
                    "fit with symbols=, a string of all characters that may come."
                )
            found.append(np.array([self._numbers[token] for token in row], dtype=np.int64))
        return found


def read_symbols(symbols, tokens):
    """Return the symbols that a model shall know.

    Parameters
    ----------
    symbols : None, str or sequence of str
        What a user gave. None takes those in `tokens`. A string is read as transcripts are.
    tokens : list of lists of str

    Returns
    -------
    symbols : Symbols
    """
    if symbols is None:
        return Symbols(token for row in tokens for token in row)
    if isinstance(symbols, str):
        return Symbols(symbols.lower())
    if not hasattr(symbols, "__len__") or not all(isinstance(symbol, str) for symbol in symbols):
        raise TypeError(
            f"symbols is {_short(symbols)}, expected a string of all characters or a list of "
            "symbols."
        )
    return Symbols(map(str, symbols))
