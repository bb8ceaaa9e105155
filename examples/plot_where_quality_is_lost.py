"""
Where quality is lost
=====================

A converted voice is never as good as the target. Which part of the converter is to blame?
``diagnose`` makes the sound after every stage and measures it: vocoder, mapping, trajectory, global
variance.
"""

# %%
# Two converters
# --------------
# One learns from ten sentences, one from two, both with a mixture of Gaussians behind the mapping.
import matplotlib.pyplot as plt

from skstyle import JointGMMRegressor, make_voice_converter
from skstyle.datasets import example_speakers
from skstyle.inspection import diagnose
from skstyle.metrics import global_variance_log_ratio

X, y, rate = example_speakers(12)
x_test, y_test = X[10:], y[10:]
diagnoses = {}
for n in (10, 2):
    mixture = JointGMMRegressor(4, reg_covar=0.03, random_state=0)
    converter = make_voice_converter(rate, mixture, f0_min_hz=80, f0_max_hz=400)
    converter.set_params(features__learn_f0_range=False).fit(X[:n], y[:n])
    diagnoses[f"{n} sentences"] = diagnose(converter, x_test, y_test)

# %%
# What every stage costs
# ----------------------
# "analysis-synthesis" is the target through the vocoder and back: no converter that makes its
# sound so can be better. A mapping of single frames comes first, then the smooth trajectory, then
# the variance that smoothing took away.
diagnosis = diagnoses["10 sentences"]
print(diagnosis)

# %%
print(diagnoses["2 sentences"].verdict_)

# %%
# Distortion is not all
# ---------------------
# Global variance costs some distortion: what stays near the mean is never far from anything, and
# sounds muffled. Below zero, a voice moves less than the target's does. The filter behind is not
# exact: on synthetic voices it overshoots, since what is above zero moves more than the target.
stages = {name: signal for name, signal, _ in diagnosis.stages_}
for name, signal in stages.items():
    ratio = global_variance_log_ratio(y_test[:1], [signal], sample_rate=rate, signed=True)
    print(f"{name:20s} log ratio of global variances {ratio:+.2f}")

# %%
# Look
# ----
figure, axes = plt.subplots(1, 2, sharex=True, figsize=(11, 3.8), layout="constrained")
for ax, (name, each) in zip(axes, diagnoses.items(), strict=True):
    each.plot(ax, title=name)
plt.show()

# %%
# Listen
# ------
# In a notebook, the diagnosis itself is a table with players, the source and the target among them.
diagnoses["10 sentences"]
