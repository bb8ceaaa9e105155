"""Run a fitted converter stage by stage, and measure what every one makes."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ..compose._converter import _to_standard
from ..features import MelCepstrum
from ..utils.validation import check_paired, check_signals
from ._diagnosis import NAN, Diagnosis
from ._fitted import best_of_search, convert, pass_through, rate_of, split_chain
from ._sparing import distortions
from ._stages import resynthesise, stages_of


def diagnose(converter, x, y, *, sample_rate=None):
    """Tell where a conversion loses quality: sound and distortion after every stage.

    The stages are, as far as the converter has them,

    * "target": the target itself, 0 dB;
    * "analysis-synthesis": the target through the features and back;
    * "source": the source, not converted;
    * "mapping": frames as the regressor predicts them, every one by itself;
    * "trajectory": smooth trajectories of these;
    * "global variance" (or another post-filter): as lively as the target;
    * "differential": the source filtered, in place of the vocoder, which makes the sound of the
      stages before.

    Of whatever cannot be looked into there is one stage, "conversion".

    Parameters
    ----------
    converter : fitted converter
        Such as :func:`~skstyle.make_voice_converter` makes, alone or as a step of a Pipeline; or
        anything else from signals to signals, by ``predict`` or else by ``transform``. A fitted
        search is its ``best_estimator_``.
    x, y : array-like of shape (n_times,), or list of such
        Source clips and their targets, which say the same. Not those of the fit: what a model
        learned by heart tells little.
    sample_rate : float, optional
        In Hz, where the converter does not know it.

    Returns
    -------
    diagnosis : Diagnosis
        ``print`` shows a table, a notebook one with players.

    Raises
    ------
    ValueError
        When clips do not pair up, or no sample rate is known.

    Notes
    -----
    Distortion is measured twice: on the features before synthesis, and on the sound, analysed
    again. What a stage costs is how much further than the stage before its features are from the
    target; what synthesis costs is how much further the sound is than its features. Both are
    expressed as mel-cepstra of order 24, without c_0 and silence, along the best path.

    Such distances add up as the sides of a polygon do: analysis-synthesis of the target tells what
    synthesis costs where nothing else is wrong, and beside the errors of a mapping it is hardly
    seen.

    In a Pipeline, steps before the converter count for the mapping, and steps behind it for
    synthesis. The converter is not changed, and not fitted again. Analysis takes the time: that
    of the clips, once for every stage.

    Examples
    --------
    >>> from skstyle import make_voice_converter
    >>> from skstyle.datasets import make_parallel_speakers
    >>> from skstyle.inspection import diagnose
    >>> X, y = make_parallel_speakers(n_sentences=3, duration=0.8, random_state=0)
    >>> converter = make_voice_converter(16000, random_state=0).fit(X[:2], y[:2])
    >>> diagnosis = diagnose(converter, X[2], y[2])
    >>> [name for name, signal, mcd in diagnosis.stages_]
    ['target', 'analysis-synthesis', 'source', 'mapping', 'trajectory', 'global variance']
    >>> diagnosis.worst_ in diagnosis.costs_
    True
    """
    converter = best_of_search(converter)
    if hasattr(converter, "fit"):
        check_is_fitted(converter)
    x = check_signals(_as_list(x), name="x").items
    y = check_signals(_as_list(y), name="y").items
    check_paired(x, y, name_x="x")
    rate = rate_of(converter, sample_rate)
    before, inner, after = split_chain(converter)
    standard = MelCepstrum(rate, learn_f0_range=False, n_jobs=getattr(inner, "n_jobs", None))
    wanted = standard.fit_transform(y)

    def distortion(cepstra):
        return float(np.mean(distortions(wanted, cepstra)))

    sounds, features = {"target": y}, {"target": NAN}
    analysed, again = resynthesise(converter if inner is None else inner, y)
    if again is not None:
        sounds["analysis-synthesis"] = again
        features["analysis-synthesis"] = _feature_distortion(
            (converter if inner is None else inner).target_features_,
            analysed,
            standard,
            distortion,
        )
    sounds["source"] = x
    if inner is None:
        sounds["conversion"] = convert(converter, x)
    else:
        # Copies, so that no step can change what was given; the same for all stages.
        heard = pass_through(before, [clip.copy() for clip in x])
        for name, stage in stages_of(inner):
            sounds[name] = pass_through(after, stage.predict(heard))
            if name != "differential":
                features[name] = _feature_distortion(
                    getattr(stage, "target_features_", None),
                    stage.predict_features(heard),
                    standard,
                    distortion,
                )
    stages = []
    for name, signals in sounds.items():
        mcd = 0.0 if name == "target" else distortion(standard.transform(signals))
        stages.append((name, np.asarray(signals[0]), mcd))
    return Diagnosis(stages, features, sample_rate=rate, n_clips=len(x))


def _feature_distortion(vocoder, sequences, standard, distortion):
    """Return the distortion of features that hold a mel-cepstrum, nan of others."""
    if "mcep" not in getattr(vocoder, "feature_blocks_", {}):
        return NAN
    return distortion(_to_standard(sequences, vocoder, standard))


def _as_list(x):
    """Return a lone clip in a list."""
    lone = not isinstance(x, (list, tuple)) and np.ndim(x) == 1 and np.asarray(x).dtype != object
    return [x] if lone else x
