#!/usr/bin/env python3
"""Trains sbi's neural posterior estimator on the simulations that impflow trains on, for `npm run measure -- tables`.

    npe.py ESTIMATOR --train T.csv --test S.csv --observations O.csv --parameters P --bound B --seed N
           --draws N --ranked ROWS --rank-draws N --out FOLDER

ESTIMATOR: maf (the default of sbi) or nsf. All settings are the defaults of sbi: training ends after 20 epochs without
a lower validation loss. Draws outside the prior are rejected, as in sbi. Writes samples.csv (N draws for each
observation), and ranks.csv (the rank of each parameter among draws of its posterior, for the first ROWS rows of S.csv).
The last line of the output is JSON.
"""
import argparse, json, time
from importlib.metadata import version
from pathlib import Path

import numpy as np, torch
from sbi.inference import NPE
from sbi.utils import BoxUniform

parser = argparse.ArgumentParser()
parser.add_argument('estimator', choices=['maf', 'nsf'])
for name in ('train', 'test', 'observations', 'out'): parser.add_argument(f'--{name}', required=True, type=Path)
for name in ('parameters', 'seed', 'draws', 'ranked', 'rank-draws'): parser.add_argument(f'--{name}', required=True, type=int)
parser.add_argument('--bound', required=True, type=float)
args = parser.parse_args()
p = args.parameters


def read(path): return torch.tensor(np.loadtxt(path, delimiter=',', skiprows=1, ndmin=2, dtype=np.float32))


def write(name, rows, form): np.savetxt(args.out / name, rows, delimiter=',', fmt=form, comments='', header=','.join(f'theta{i + 1}' for i in range(p)))


# More threads do not make nets of this size faster. With one thread, processor seconds equal seconds.
torch.set_num_threads(1)
torch.manual_seed(args.seed)
prior = BoxUniform(-args.bound * torch.ones(p), args.bound * torch.ones(p))
simulations, test, observations = read(args.train), read(args.test), read(args.observations)
trainer = NPE(prior=prior, density_estimator=args.estimator, show_progress_bars=False)
begin = time.perf_counter(), time.process_time()
estimator = trainer.append_simulations(simulations[:, :p], simulations[:, p:]).train()
seconds, processor_seconds = time.perf_counter() - begin[0], time.process_time() - begin[1]
posterior = trainer.build_posterior(estimator)

begin_draws = time.perf_counter()
samples = torch.cat([posterior.sample((args.draws,), x=x, show_progress_bars=False) for x in observations])
draw_seconds = time.perf_counter() - begin_draws
args.out.mkdir(parents=True, exist_ok=True)
write('samples.csv', samples.numpy(), '%.9g')

with torch.no_grad():
    # The density is normalized inside the prior, as posterior.log_prob does: it is divided by the share of accepted
    # draws.
    inside = [float((prior.support.check(estimator.sample((2000,), x[None])[:, 0])).float().mean()) for x in observations]
    raw = estimator.log_prob(test[None, :, :p], test[:, p:])[0]
    ranked = test[: args.ranked]
    ranks, leaks = [], []
    for row in ranked:
        draws = estimator.sample((8 * args.rank_draws,), row[None, p:])[:, 0]
        keep = draws[prior.support.check(draws)]
        leaks.append(len(keep) / len(draws))
        if len(keep) < args.rank_draws: keep = posterior.sample((args.rank_draws,), x=row[p:], show_progress_bars=False)
        ranks.append((keep[: args.rank_draws] < row[:p]).sum(0).numpy())
write('ranks.csv', np.stack(ranks), '%d')
inside_test = torch.tensor(leaks).clamp(min=1 / (8 * args.rank_draws))
# The JSON begins on a new line, because sbi prints text without a line end.
print('\n' + json.dumps({
    'seconds': seconds,
    'processorSeconds': processor_seconds,
    'drawSeconds': draw_seconds,
    'epochs': trainer.summary['epochs_trained'][-1],
    'nats': -float((raw[: args.ranked] - inside_test.log()).mean()),
    'rawNats': -float(raw.mean()),
    'inside': float(np.mean(inside)),
    'parameters': sum(each.numel() for each in estimator.parameters() if each.requires_grad),
    'versions': {name: version(name) for name in ('sbi', 'torch')},
}))
