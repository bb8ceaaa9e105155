"""The steps between two projections, compiled: one pass over memory instead of ten.

In all of them ``t`` holds consistent spectra and is overwritten by spectra with the wanted
magnitudes; where it would be zero the phase becomes zero. ``difference`` receives by how much
the magnitudes of ``t`` were too large.
"""

import numpy as np

from ..utils.compile import compile_cached


@compile_cached
def plain_step(t, magnitude, difference):
    """Set the magnitudes.

    Parameters
    ----------
    t : complex ndarray of shape (n_frames, n_bins)
    magnitude, difference : ndarray of shape (n_frames, n_bins)
    """
    for i in range(t.shape[0]):
        for k in range(t.shape[1]):
            z = t[i, k]
            size = np.sqrt(z.real * z.real + z.imag * z.imag)
            difference[i, k] = size - magnitude[i, k]
            if size > 0:
                gain = magnitude[i, k] / size
                t[i, k] = complex(z.real * gain, z.imag * gain)
            else:
                t[i, k] = magnitude[i, k]


@compile_cached
def fast_step(t, magnitude, difference, state, momentum):
    """Go on in the direction of the last step, then set the magnitudes.

    Parameters
    ----------
    t : complex ndarray of shape (n_frames, n_bins)
    magnitude, difference : ndarray of shape (n_frames, n_bins)
    state : complex ndarray of shape (n_frames, n_bins)
        The consistent spectra of the last step; overwritten by those of this one.
    momentum : float
        Of the same precision: it decides in which one is computed.
    """
    for i in range(t.shape[0]):
        for k in range(t.shape[1]):
            z = t[i, k]
            last = state[i, k]
            difference[i, k] = np.sqrt(z.real * z.real + z.imag * z.imag) - magnitude[i, k]
            state[i, k] = z
            re = z.real + momentum * (z.real - last.real)
            im = z.imag + momentum * (z.imag - last.imag)
            size = np.sqrt(re * re + im * im)
            if size > 0:
                gain = magnitude[i, k] / size
                t[i, k] = complex(re * gain, im * gain)
            else:
                t[i, k] = magnitude[i, k]


@compile_cached
def admm_step(t, magnitude, difference, state, kept, rest):
    """Take one step of the method of multipliers.

    Parameters
    ----------
    t : complex ndarray of shape (n_frames, n_bins)
        The projection of the state, which is that of X alone: the dual U is orthogonal to
        all consistent spectra.
    magnitude, difference : ndarray of shape (n_frames, n_bins)
    state : complex ndarray of shape (n_frames, n_bins)
        X + U of the paper; overwritten by those of this step.
    kept : float
        1 / (1 + rho), of the same precision.
    rest : float
        1 - rho.
    """
    for i in range(t.shape[0]):
        for k in range(t.shape[1]):
            z = t[i, k]
            last = state[i, k]
            difference[i, k] = np.sqrt(z.real * z.real + z.imag * z.imag) - magnitude[i, k]
            dual_re = (last.real - z.real) * kept
            dual_im = (last.imag - z.imag) * kept
            # Z - U with Z = t + rho U
            re = z.real - rest * dual_re
            im = z.imag - rest * dual_im
            size = np.sqrt(re * re + im * im)
            if size > 0:
                gain = magnitude[i, k] / size
                t[i, k] = complex(re * gain, im * gain)
                state[i, k] = complex(re * gain + dual_re, im * gain + dual_im)
            else:
                t[i, k] = magnitude[i, k]
                state[i, k] = complex(magnitude[i, k] + dual_re, dual_im)
