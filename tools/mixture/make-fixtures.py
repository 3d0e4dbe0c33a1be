"""Writes packages/flows/test/fixtures/mixture.json: Gaussian mixtures of scikit-learn, from the same rows and the same start as in the tests.

    python3 tools/mixture/make-fixtures.py

Needs scikit-learn (the numbers in the repository come from the version that the file names), tests do not.
"""
import json, warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

OUT = Path(__file__).resolve().parents[2] / 'packages/flows/test/fixtures/mixture.json'
KINDS = {'full': 'full', 'tied': 'tied', 'diagonal': 'diag'}
RIDGE = 1e-6


def rows():
    """Three overlapping clusters in three columns, of mean 0 and variance 1: there the ridge of a share of each variance is scikit-learn's."""
    random = np.random.default_rng(0)
    parts = []
    for count, centre in ((60, (0, 0, 0)), (80, (2.5, 1, -1)), (60, (-1, 2.5, 2))):
        parts.append(random.normal(size=(count, 3)) @ random.normal(size=(3, 3)) * 0.7 + np.array(centre))
    x = np.concatenate(parts)
    return (x - x.mean(0)) / x.std(0)


def start(kind):
    precisions = {'full': np.stack([np.eye(3)] * 3), 'tied': np.eye(3), 'diag': np.ones((3, 3))}[kind]
    return {'weights_init': np.array([0.5, 0.3, 0.2]), 'means_init': np.array([[0., 0, 0], [1, 0, -1], [-1, 1, 1]]), 'precisions_init': precisions}


def cases(x, points):
    for name, kind in KINDS.items():
        for steps in (1, 5, 60):
            found = GaussianMixture(3, covariance_type=kind, reg_covar=RIDGE, max_iter=steps, tol=0., **start(kind))
            with warnings.catch_warnings():
                warnings.simplefilter('ignore', ConvergenceWarning)
                found.fit(x)
            yield {
                'covariance': name, 'steps': steps, 'weights': found.weights_.tolist(), 'means': found.means_.ravel().tolist(), 'precisions': found.precisions_.ravel().tolist(),
                'logLikelihood': found.score(x), 'logProbs': found.score_samples(points).tolist(),
            }


x = rows()
points = np.random.default_rng(1).normal(size=(20, 3)) * 2
fixture = {'sklearn': sklearn.__version__, 'ridge': RIDGE, 'rows': x.ravel().tolist(), 'points': points.ravel().tolist(), 'cases': list(cases(x, points))}
OUT.parent.mkdir(parents=True, exist_ok=True)
OUT.write_text(json.dumps(fixture) + '\n')
