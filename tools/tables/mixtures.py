#!/usr/bin/env python3
"""Computes log-densities of Gaussian mixtures of scikit-learn, one for each category, for `npm run measure -- tables`.

    mixtures.py ROWS.json

ROWS.json: {train, validation, fresh}, each {numbers: [rows][d], codes: [columns][rows]}. The validation rows choose the
column whose categories get a mixture each (or no column), the number of components up to 6, and the kind of covariance.
A category with fewer than 10 rows gets the mixture of all rows. The last line of the output is JSON: {logs: [fresh
rows], ...}.
"""
import json, sys, warnings

import numpy as np
from sklearn.mixture import GaussianMixture

warnings.filterwarnings('ignore')
with open(sys.argv[1]) as file: parts = json.load(file)
numbers = {name: np.array(part['numbers']) for name, part in parts.items()}


def fitted(rows, k, kind, seed=0):
    # reg_covar adds 1e-3 to the variances, so that a component of few rows is not too narrow in any direction.
    return GaussianMixture(min(k, len(rows) // 2), covariance_type=kind, reg_covar=1e-3, n_init=2, random_state=seed).fit(rows)


def logs_of(column, k, kind, names):
    everything = fitted(numbers['train'], k, kind)
    out = {name: everything.score_samples(numbers[name]) for name in names}
    if column is None: return out
    codes = {name: np.array(parts[name]['codes'][column]) for name in parts}
    for code in np.unique(codes['train']):
        own = numbers['train'][codes['train'] == code]
        if len(own) < 10: continue
        mixture = fitted(own, k, kind)
        for name in names:
            there = codes[name] == code
            if there.any(): out[name][there] = mixture.score_samples(numbers[name][there])
    return out


best = None
for column in [None, *range(len(parts['train']['codes']))]:
    for kind in ('full', 'diag'):
        for k in (1, 2, 3, 4, 6):
            found = logs_of(column, k, kind, ['validation'])['validation'].mean()
            if best is None or found > best[0]: best = (found, column, k, kind)
_, column, k, kind = best
print(json.dumps({'logs': logs_of(column, k, kind, ['fresh'])['fresh'].tolist(), 'column': column, 'components': k, 'covariance': kind}))
