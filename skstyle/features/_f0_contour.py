"""One pitch contour through the candidates: recursions over frames that no array can do.

Candidates come as a ragged list: those of frame t are ``f0[first[t]:first[t + 1]]``.
"""

import numpy as np

from ..utils.compile import compile_cached


@compile_cached
def _nearest(reference, candidates, tolerance):
    """Return the candidate that is nearest to a pitch, 0 when none is near enough."""
    best, smallest = 0.0, tolerance
    for candidate in candidates:
        distance = abs(candidate - reference) / reference
        if candidate > 0 and distance <= smallest:
            best, smallest = candidate, distance
    return best


@compile_cached
def _sections(contour):
    """Return the first and the last frame of every voiced section."""
    bounds = np.empty((len(contour) // 2 + 1, 2), np.int64)
    n, start = 0, -1
    for t in range(len(contour) + 1):
        voiced = t < len(contour) and contour[t] > 0
        if voiced and start < 0:
            start = t
        elif not voiced and start >= 0:
            bounds[n, 0], bounds[n, 1] = start, t - 1
            n += 1
            start = -1
    return bounds[:n]


@compile_cached
def drop_lonely(first, f0, score, tolerance):
    """Give the score 0 to candidates that no neighbouring frame has, in place.

    Parameters
    ----------
    first : ndarray of int, shape (n_frames + 1,)
    f0, score : ndarray of shape (n_candidates,)
    tolerance : float
        Relative distance that still counts as the same pitch.
    """
    n = len(first) - 1
    lonely = np.zeros(len(f0), np.bool_)
    for t in range(1, n - 1):
        for i in range(first[t], first[t + 1]):
            before = _nearest(f0[i], f0[first[t - 1] : first[t]], tolerance)
            after = _nearest(f0[i], f0[first[t + 1] : first[t + 2]], tolerance)
            lonely[i] = before == 0 and after == 0
    for i in range(len(f0)):
        if lonely[i]:
            f0[i] = 0
            score[i] = 0


@compile_cached
def steady_contour(first, f0, score, max_step, min_length):
    """Follow the best candidates where they make a smooth line.

    Parameters
    ----------
    first : ndarray of int, shape (n_frames + 1,)
    f0, score : ndarray of shape (n_candidates,)
    max_step : float
        Relative change of pitch from frame to frame, or from its straight continuation.
    min_length : int
        Frames of the shortest line.

    Returns
    -------
    contour : ndarray of shape (n_frames,)
        In Hz, 0 where there is no line.
    """
    n = len(first) - 1
    best = np.zeros(n)
    for t in range(n):
        top = 0.0
        for i in range(first[t], first[t + 1]):
            if score[i] > top:
                best[t], top = f0[i], score[i]
    contour = np.zeros(n)
    for t in range(2, n):
        straight = 2 * best[t - 1] - best[t - 2]
        if best[t] == 0 or best[t - 1] == 0 or straight <= 0:
            continue
        off_line = abs(best[t] - straight) / straight
        if min(off_line, abs(best[t] - best[t - 1]) / best[t - 1]) <= max_step:
            contour[t] = best[t]
    for start, end in _sections(contour):
        if end - start + 1 < min_length:
            contour[start : end + 1] = 0
    return contour


@compile_cached
def _extend(line, start, step, reach, first, f0, tolerance, patience):
    """Continue a line through near candidates, in place; returns its new end."""
    pitch, end, missed = line[start], start, 0
    t = start
    for _ in range(reach):
        t += step
        if t < 1 or t >= len(line) - 1:
            break
        found = _nearest(pitch, f0[first[t] : first[t + 1]], tolerance)
        if found > 0:
            line[t] = pitch = found
            end, missed = t, 0
        else:
            missed += 1
            if missed == patience:
                break
    return end


@compile_cached
def _likeliness(line, start, end, first, f0, score):
    """Sum the scores of the candidates on a line."""
    total = 0.0
    for t in range(start, end + 1):
        for i in range(first[t], first[t + 1]):
            if line[t] > 0 and f0[i] == line[t]:
                total += score[i]
                break
    return total


@compile_cached
def extend_and_merge(contour, first, f0, score, tolerance, reach, patience, min_periods_frames):
    """Lengthen every line through the candidates around it; where two meet, one gives way.

    Parameters
    ----------
    contour : ndarray of shape (n_frames,)
        See :func:`steady_contour`.
    first : ndarray of int, shape (n_frames + 1,)
    f0, score : ndarray of shape (n_candidates,)
    tolerance : float
        Relative change of pitch from frame to frame.
    reach : int
        Frames by which an end may move.
    patience : int
        So many frames without a near candidate end the search.
    min_periods_frames : float
        A line of mean pitch p (Hz) is kept when it is longer than ``min_periods_frames / p``
        frames.

    Returns
    -------
    merged : ndarray of shape (n_frames,)
        In Hz, 0 where unvoiced.
    """
    merged = np.zeros_like(contour)
    line = np.zeros_like(contour)
    merged_end = -1
    for start, end in _sections(contour):
        line[start : end + 1] = contour[start : end + 1]
        last = _extend(line, end, 1, reach, first, f0, tolerance, patience)
        begin = _extend(line, start, -1, reach, first, f0, tolerance, patience)
        length = last - begin + 1
        mean = line[begin : last + 1].sum() / length
        if length > min_periods_frames / mean and last > merged_end:
            if begin <= merged_end:
                old = _likeliness(merged, begin, merged_end, first, f0, score)
                new = _likeliness(line, begin, merged_end, first, f0, score)
                if old > new:
                    begin = merged_end + 1
            merged[begin : last + 1] = line[begin : last + 1]
            merged_end = last
        line[max(begin - reach, 0) : last + reach + 1] = 0
        line[max(start - reach, 0) : end + reach + 1] = 0
    return merged


@compile_cached
def bridge_gaps(contour, max_gap):
    """Fill gaps of fewer than ``max_gap`` frames by straight lines, in place."""
    bounds = _sections(contour)
    for j in range(len(bounds) - 1):
        left, right = bounds[j, 1], bounds[j + 1, 0]
        if right - left - 1 < max_gap:
            for t in range(left + 1, right):
                share = (t - left) / (right - left)
                contour[t] = contour[left] + share * (contour[right] - contour[left])
