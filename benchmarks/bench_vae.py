"""Training through skorch beside a plain loop over the same batches of the same net.

Run ``python benchmarks/bench_vae.py``: rounds alternate, and the best of each counts, in CPU
seconds of one thread, so that other work beside it matters little.
"""

import argparse
from time import process_time

import numpy as np
import torch
from sklearn.preprocessing import StandardScaler

from skstyle.neural import VAETransformer
from skstyle.neural._training import one_thread
from skstyle.neural._vae_loss import gaussian_kl, gaussian_log_likelihood
from skstyle.neural._vae_net import VAENet

N_EPOCHS = 3


def plain_loop(frames, batch_size, **net):
    """Train as a loop written by hand would: shuffle, cut, forward, backward, step."""
    x = torch.from_numpy(frames)
    module = VAENet(x.shape[1], **net)
    optimizer = torch.optim.AdamW(module.parameters(), lr=1e-3, weight_decay=0.0)
    start = process_time()
    for _ in range(N_EPOCHS):
        for rows in torch.randperm(len(x)).split(batch_size):
            batch = x[rows]
            decoded, log_variance_x, mean, log_variance = module(batch)
            likelihood = gaussian_log_likelihood(batch, decoded, log_variance_x).mean()
            loss = gaussian_kl(mean, log_variance).sum(dim=-1).mean() - likelihood
            optimizer.zero_grad()
            loss.backward()
            loss.item()
            optimizer.step()
    return process_time() - start


def through_skorch(frames, batch_size, **net):
    """Train as VAETransformer does; what it measures after training does not count."""
    vae = VAETransformer(n_epochs=N_EPOCHS, batch_size=batch_size, random_state=0, **net)
    vae._begin([frames])
    dataset = vae._frames([frames])
    start = process_time()
    vae._go_on(dataset, None, N_EPOCHS)
    return process_time() - start


def main():
    """Print frames a second of both, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=20000)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    frames = np.random.default_rng(0).normal(size=(args.frames, 40)).astype(np.float32)
    frames = StandardScaler().fit_transform(frames)
    print("| latent | hidden | batch | plain, frames/s | skorch, frames/s | ratio |")
    print("|---|---|---|---|---|---|")
    for latent_dim, hidden, batch_size in (
        (16, (128, 128), 256), (16, (128, 128), 1024), (16, (256, 256), 256), (32, (512,), 256),
    ):  # fmt: skip
        net = {"latent_dim": latent_dim, "hidden_layer_sizes": hidden}
        times = {plain_loop: [], through_skorch: []}
        with one_thread():
            for _ in range(args.rounds):
                for run, found in times.items():
                    found.append(run(frames, batch_size, **net))
        plain, skorch = (N_EPOCHS * len(frames) / min(found) for found in times.values())
        sizes = " ".join(map(str, hidden))
        print(
            f"| {latent_dim} | {sizes} | {batch_size} | {plain:.0f} | {skorch:.0f} | "
            f"{skorch / plain:.2f} |"
        )


if __name__ == "__main__":
    main()
