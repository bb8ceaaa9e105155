"""Where a conversion loses quality, stage by stage."""

from html import escape
from textwrap import fill

import numpy as np

from ._picture import own_axes
from ._row import AudioRow

NAN = float("nan")
NUMBER = "text-align:right;padding:0.2em 0.6em"
CELL = "min-width:14em;padding:0.2em 0"
# So much nearer counts.
NEARER_DB = 0.01
# What is no part of the conversion, and there for comparison.
REFERENCES = ("target", "analysis-synthesis", "source")
# What the others come after.
FIRST = ("mapping", "conversion")


class Diagnosis:
    """What :func:`diagnose` found: sound and distortion after every stage of a conversion.

    Parameters
    ----------
    stages : list of (str, ndarray of shape (n_times,), float)
        Name, sound of the first clip, and mean mel-cepstral distortion to the target in dB.
    feature_mcd : dict of str to float
        The same of features before they became sound, in dB; nan where there are none.
    sample_rate : float
        In Hz.
    n_clips : int, default=1
        What the distortions are means of.

    Attributes
    ----------
    stages_ : list of (str, ndarray of shape (n_times,), float)
    feature_mcd_ : dict of str to float
    costs_ : dict of str to float
        What every stage of the conversion adds to the distortion, in dB; negative where it helps.
        They sum up to the distortion of the converted clips.
    worst_ : str
        The stage that costs most.
    verdict_ : str
        The same as a sentence; of a conversion of one stage only how far it is from the target.
    ax_ : matplotlib Axes
        After :meth:`plot`.
    figure_ : matplotlib Figure or SubFigure

    Notes
    -----
    Distortion is not quality: global variance costs some, and sounds clearer.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.inspection import Diagnosis
    >>> clip = np.zeros(1600)
    >>> stages = [("target", clip, 0.0), ("source", clip, 8.0), ("mapping", clip, 5.5)]
    >>> diagnosis = Diagnosis(stages, {"mapping": 5.0}, sample_rate=16000)
    >>> diagnosis.costs_
    {'mapping': 5.0, 'synthesis': 0.5}
    >>> print(diagnosis)
    Mel-cepstral distortion to the target
    <BLANKLINE>
    stage      sound (dB)  features (dB)  costs (dB)
    target           0.00
    source           8.00
    mapping          5.50           5.00       +5.00
    synthesis                                  +0.50
    <BLANKLINE>
    Mapping costs most: 5.00 of the 5.50 dB between the converted clips and the target; the source
    was 8.00 dB away.
    """

    def __init__(self, stages, feature_mcd, *, sample_rate, n_clips=1):
        if not any(name not in REFERENCES for name, _, _ in stages):
            raise ValueError(
                f"stages holds no stage of a conversion, only {[name for name, _, _ in stages]}: "
                "expected such as ('mapping', signal, mcd) behind them."
            )
        self.stages_ = stages
        self.feature_mcd_ = feature_mcd
        self.sample_rate = sample_rate
        self.n_clips = n_clips
        self.costs_ = share_costs({name: mcd for name, _, mcd in stages}, feature_mcd)
        self.worst_ = max(self.costs_, key=self._order)
        self.verdict_ = self._judge()

    def _order(self, name):
        return -np.inf if np.isnan(self.costs_[name]) else self.costs_[name]

    def _judge(self):
        source = {name: value for name, _, value in self.stages_}.get("source", NAN)
        left, most = self.stages_[-1][2], self.costs_[self.worst_]
        if np.isnan(left):
            return "The distance between the converted clips and the target is not known."
        if len(self.costs_) == 1:
            sentence = f"The converted clips are {left:.2f} dB from the target"
        elif most > left:
            # Later stages may bring the sound nearer again.
            sentence = (
                f"{self.worst_.capitalize()} costs most: {most:.2f} dB, of which the rest takes "
                f"back {most - left:.2f}; {left:.2f} dB are left between the converted clips and "
                "the target"
            )
        else:
            sentence = (
                f"{self.worst_.capitalize()} costs most: {most:.2f} of the {left:.2f} dB between "
                "the converted clips and the target"
            )
        if np.isnan(source):
            return f"{sentence}."
        if left > source - NEARER_DB:
            return f"{sentence}, which is no nearer than the source ({source:.2f} dB)."
        return f"{sentence}; the source was {source:.2f} dB away."

    def __repr__(self):
        return f"<Diagnosis of {len(self.stages_)} stages: {self.verdict_}>"

    def _rows(self):
        """Yield the cells of a table: stage, sound, features, cost."""
        for name, _, mcd in self.stages_:
            shown = name if name in REFERENCES + FIRST else f"+ {name}"
            feature, cost = self.feature_mcd_.get(name, NAN), self.costs_.get(name, NAN)
            if name == "differential":
                cost = self.costs_["synthesis"]
            yield (
                shown,
                f"{mcd:.2f}",
                "" if np.isnan(feature) else f"{feature:.2f}",
                "" if np.isnan(cost) else f"{cost:+.2f}",
            )
        if "synthesis" in self.costs_ and self.stages_[-1][0] != "differential":
            yield "synthesis", "", "", f"{self.costs_['synthesis']:+.2f}"

    def __str__(self):
        head = ("stage", "sound (dB)", "features (dB)", "costs (dB)")
        rows = [head, *self._rows()]
        widths = [max(len(row[i]) for row in rows) for i in range(4)]
        lines = [
            "  ".join(
                text.rjust(width) if i else text.ljust(width)
                for i, (text, width) in enumerate(zip(row, widths, strict=True))
            )
            for row in rows
        ]
        what = "" if self.n_clips == 1 else f", mean of {self.n_clips} clips"
        return "\n".join(
            [
                f"Mel-cepstral distortion to the target{what}",
                "",
                *(line.rstrip() for line in lines),
                "",
                fill(self.verdict_, 79),
            ]
        )

    def _repr_html_(self):
        clips = [(name, signal) for name, signal, _ in self.stages_]
        players = iter(AudioRow(clips, self.sample_rate).players_)
        body = ""
        for name, *numbers in self._rows():
            cells = "".join(f'<td style="{NUMBER}">{number}</td>' for number in numbers)
            player = next(players, None)
            sound = "" if player is None else player._audio()
            body += f'<tr><th scope="row" style="text-align:left">{escape(name)}</th>'
            body += f'{cells}<td style="{CELL}">{sound}</td></tr>'
        heads = ("stage", "sound (dB)", "features (dB)", "costs (dB)", "first clip")
        head = "".join(f'<th scope="col">{text}</th>' for text in heads)
        return (
            f"<p>{escape(self.verdict_)}</p>"
            f'<div style="overflow-x:auto"><table><thead><tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table></div>"
        )

    def plot(self, ax=None, *, title=""):
        """Draw the distortion after every stage.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw. By default those of a figure of its own, which pyplot does not know:
            save it with ``diagnosis.figure_.savefig(...)``.
        title : str, default=""

        Returns
        -------
        diagnosis : Diagnosis
            With ``ax_`` and ``figure_``.
        """
        ax = self.ax_ = own_axes(ax, (7, 0.45 * len(self.stages_) + 1.2))
        self.figure_ = ax.get_figure()
        names = [name for name, _, _ in self.stages_]
        values = [mcd for _, _, mcd in self.stages_]
        colours = ["0.6" if name in REFERENCES else "tab:orange" for name in names]
        bars = ax.barh(range(len(names)), values, height=0.6, color=colours)
        ax.bar_label(bars, fmt="%.2f dB", padding=8)
        features = np.array([self.feature_mcd_.get(name, NAN) for name in names])
        if np.isfinite(features).any():
            ax.plot(
                features,
                range(len(names)),
                **{"marker": "D", "linestyle": "", "color": "tab:blue", "markeredgecolor": "white"},
                label="features, before synthesis",
            )
            ax.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), borderpad=0)
        ax.set_yticks(range(len(names)), [row[0] for row in self._rows()][: len(names)])
        ax.invert_yaxis()
        ax.set(xlabel="mel-cepstral distortion to the target (dB)", xlim=(0, 1.2 * max(*values, 1)))
        ax.spines[["top", "right"]].set_visible(False)
        if title:
            ax.set_title(title, loc="right")
        return self


def share_costs(mcd, feature_mcd):
    """Tell what every stage of a conversion adds to its distortion.

    Parameters
    ----------
    mcd : dict of str to float
        Distortion of the sound after every stage, in dB, in the order of the stages.
    feature_mcd : dict of str to float
        Distortion of features before synthesis, where there are such.

    Returns
    -------
    costs : dict of str to float
        Of the stages that are no references, and of "synthesis"; their sum is the distortion of
        the last stage. With features, synthesis is what distinguishes the last sound from its
        features; without, it is what analysis-synthesis of the target costs, or part of the
        mapping where nothing tells.
    """
    names = [name for name in mcd if name not in REFERENCES]
    stages = [name for name in names if name != "differential"]
    before, costs = 0.0, {}
    if np.isfinite([feature_mcd.get(name, NAN) for name in stages]).all():
        values = feature_mcd
    elif "analysis-synthesis" in mcd:
        values, before = mcd, mcd["analysis-synthesis"]
    else:
        values = mcd
    for name in stages:
        costs[name] = values[name] - before
        before = values[name]
    if values is feature_mcd or "analysis-synthesis" in mcd or names != stages:
        costs["synthesis"] = mcd[names[-1]] - sum(costs.values())
    return costs
