"""Spectra of long clips, a block of frames at a time."""

from ..signal._fourier import stft

# Values of the spectra of a block, some 16 MB.
BLOCK_VALUES = 2**21


def frame_blocks(x, window, hop_length, encode):
    """Give the spectra of the frames centred within a signal, block after block.

    Blocks of two signals are in time with each other up to the end of the shorter one.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
    window : ndarray of shape (n_fft,)
    hop_length : int
    encode : callable
        Writes complex spectra in another form, such as ``numpy.abs``.

    Yields
    ------
    spectra : ndarray of shape (n_frames, n_fft // 2 + 1)
        Rows of ``signal._fourier.stft``; all blocks have n_times // hop_length + 1.
    """
    n_fft = len(window)
    # A frame behind the end sees a part of a clip that depends on the remainder of its length.
    n_frames = len(x) // hop_length + 1
    size = max(BLOCK_VALUES // (n_fft // 2 + 1), 1)
    # Frames that a block sees of its neighbours.
    margin = -(-n_fft // (2 * hop_length))
    for start in range(0, n_frames, size):
        stop = min(start + size, n_frames)
        first = max(start - margin, 0)
        seen = x[first * hop_length : (stop + margin) * hop_length]
        yield stft(seen, window, hop_length, encode=encode)[start - first : stop - first]
