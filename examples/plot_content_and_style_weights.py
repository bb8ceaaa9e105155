"""
Content against style
=====================

Descent lowers a sum of two losses: activations shall be those of the content, their statistics
those of the style. Only the ratio of the two weights matters; and so does where descent begins.
"""

# %%
# A tune in the style of another
# ------------------------------
# A flute plays one tune, a guitar another. The truth, the flute's tune on the guitar, is heard by
# nobody but us.
import matplotlib.pyplot as plt
from sklearn.pipeline import make_pipeline

from skstyle import GramStyleTransformer, PhaseReconstructor, STFTTransformer
from skstyle.datasets import make_tune
from skstyle.inspection import AudioPlayer
from skstyle.metrics import log_spectral_distance
from skstyle.transfer import RandomConvFeatures

sample_rate = 16000
content = make_tune("ode_to_joy", "flute", sample_rate=sample_rate, random_state=0)
style = make_tune("frere_jacques", "guitar", sample_rate=sample_rate, random_state=1)
truth = make_tune("ode_to_joy", "guitar", sample_rate=sample_rate, random_state=2)
before = log_spectral_distance([truth], [content], sample_rate=sample_rate)
print(f"content {before:.1f} dB from the truth")

# %%
# A grid of weights and starts
# ----------------------------
# The weight of the style is 1. A step of a Pipeline has a name, and ``set_params`` reaches it.
transfer = make_pipeline(
    STFTTransformer(n_fft=512, output="magnitude", keep_source=True),
    GramStyleTransformer(RandomConvFeatures(n_filters=256), random_state=0),
    PhaseReconstructor(init="source"),
)
weights, starts = (0.0, 0.01, 1.0), ("content", "noise")
results = {}
for start in starts:
    for weight in weights:
        transfer.set_params(
            gramstyletransformer__init=start, gramstyletransformer__content_weight=weight
        )
        results[start, weight] = transfer.fit([style]).transform([content])[0]
        distance = log_spectral_distance([truth], [results[start, weight]], sample_rate=sample_rate)
        losses = transfer[1].content_loss_[0], transfer[1].style_loss_[0]
        print(
            f"from {start:7s} content weight {weight:<4g} content loss {losses[0]:.3f} "
            f"style loss {losses[1]:.4f}, {distance:.1f} dB from the truth"
        )
