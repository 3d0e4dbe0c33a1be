#!/usr/bin/env python3
"""Measures a contender of `npm run measure -- study` that is written in Python: fits it to the rows of TRAIN, chooses
settings by VALIDATION, and writes a number for each row of TEST.

    npm run setup:study
    node_modules/.cache/study-python/bin/python tools/study/peers.py nsf train.csv validation.csv test.csv --seconds 60 --seed 0 --out scores.txt

The files are CSV with a header and numbers. For densities, the number of a row is its log-density in nats, in the raw
units of the columns. For isolation-forest, lof and knn, the number is the score of the row, higher for more usual rows.
Prints one JSON line: the chosen settings, parameters, seconds and processor seconds of fitting, versions. Fitting ends
after --seconds of processor time, on one thread.
"""
import argparse, importlib, json, math, os, time, warnings
from importlib.metadata import version

# These variables are set before the libraries are imported, because the libraries read them during the import.
for name in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS', 'NUMBA_NUM_THREADS'): os.environ[name] = '1'
import numpy as np
import jax_flows, torch_flows
from forests import forest
from vines import vine


class Budget:
    """Counts processor seconds, beginning when the object is created, and compares them with a limit."""
    def __init__(self, seconds): self.seconds, self.begin, self.wall = seconds, time.process_time(), time.perf_counter()
    def spent(self): return time.process_time() - self.begin
    def left(self): return self.seconds - self.spent()


class Scaling:
    """Scales columns to mean 0 and standard deviation 1 on the training rows."""
    def __init__(self, rows):
        self.mean, deviation = rows.mean(0), rows.std(0)
        self.deviation = np.where(deviation > 0, deviation, 1)

    def __call__(self, rows): return (rows - self.mean) / self.deviation
    def log_det(self): return -np.log(self.deviation).sum()


def gaussian(train, validation, budget, seed):
    """Fits one Gaussian of full covariance by maximum likelihood. A ridge of 1e-6 of the variances keeps the covariance
    regular."""
    rows, d = train.shape
    mean = train.mean(0)
    factor = np.linalg.cholesky(np.cov(train.T, bias=True).reshape(d, d) + 1e-6 * np.eye(d))
    def score(x): return -0.5 * np.square(np.linalg.solve(factor, (x - mean).T)).sum(0) - np.log(np.diag(factor)).sum() - 0.5 * d * math.log(2 * math.pi)
    return score, dict(parameters=d + d * (d + 1) // 2)


def mixture(train, validation, budget, seed):
    """Fits Gaussian mixtures of 1 to 200 components with all kinds of covariance and three ridges, and chooses one by
    the validation rows. Full covariances come first, because they are usually best and a large table leaves no time for
    more. In the remaining time, the best choice is fitted again from other initial values."""
    from sklearn.mixture import GaussianMixture
    best, low, took, chosen = None, -math.inf, {}, None

    def attempt(components, kind, ridge, start):
        nonlocal best, low, chosen
        begin = time.process_time()
        try:
            fit = GaussianMixture(components, covariance_type=kind, reg_covar=ridge, init_params='k-means++' if start % 2 else 'kmeans', random_state=1000 * seed + start, max_iter=300).fit(train)
        except ValueError:
            return  # A covariance is not positive definite: the ridge is too small.
        took[kind] = (time.process_time() - begin) / components
        value = fit.score(validation)
        if value > low: best, low, chosen = fit, value, dict(components=components, covariance=kind, ridge=ridge)

    kinds = [(kind, ridge) for kind in ('full', 'tied', 'diag', 'spherical') for ridge in (1e-6, 1e-3, 1e-1)]
    for some in (kinds[:1], kinds[1:]):
        for components in (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 70, 100, 150, 200):
            for kind, ridge in some:
                if 2 * components <= len(train) and took.get(kind, 0) * components < budget.left(): attempt(components, kind, ridge, 0)
    for start in range(1, 10):
        if took[chosen['covariance']] * chosen['components'] < budget.left(): attempt(*chosen.values(), start)
    return best.score_samples, dict(parameters=int(best._n_parameters()), details=dict(**chosen, validationNats=-low))


def kde(train, validation, budget, seed):
    """Fits Gaussian kernels on standardized columns. The bandwidth is chosen by a coarse search and then a fine search,
    on at most 2,000 validation rows."""
    from sklearn.neighbors import KernelDensity
    judges, scott = validation[:2000], len(train) ** (-1 / (train.shape[1] + 4))
    fits = lambda bandwidth: KernelDensity(bandwidth=bandwidth, rtol=1e-4).fit(train)
    found = {}

    def search(factors):
        for factor in factors:
            if not found or budget.left() > 0: found[factor] = fits(factor * scott).score_samples(judges).mean()
        return max(found, key=found.get)

    coarse = search(np.geomspace(2, 0.02, 14))
    best = search(coarse * np.geomspace(0.75, 1.33, 7))
    return fits(best * scott).score_samples, dict(parameters=int(train.size), details=dict(bandwidth=best * scott, validationNats=-found[best]))


def isolation_forest(train, validation, budget, seed):
    from sklearn.ensemble import IsolationForest
    return IsolationForest(random_state=seed).fit(train).score_samples, dict(parameters=None)


def lof(train, validation, budget, seed):
    from sklearn.neighbors import LocalOutlierFactor
    return LocalOutlierFactor(novelty=True).fit(train).score_samples, dict(parameters=None)


def knn(train, validation, budget, seed):
    from pyod.models.knn import KNN
    fit = KNN().fit(train)
    return lambda x: -fit.decision_function(x), dict(parameters=None)


CONTENDERS = {
    'gaussian': gaussian, 'mixture': mixture, 'kde': kde, 'vine': vine, 'forest': forest,
    'nsf': lambda *a: torch_flows.flow(*a, 'nsf'), 'maf': lambda *a: torch_flows.flow(*a, 'maf'),
    'bnaf': lambda *a: jax_flows.flow(*a, 'bnaf'), 'spline': lambda *a: jax_flows.flow(*a, 'spline'),
    'isolation-forest': isolation_forest, 'lof': lof, 'knn': knn,
}
DETECTORS = ('isolation-forest', 'lof', 'knn')
LIBRARIES = dict(nsf='torch zuko', maf='torch zuko', bnaf='jax flowjax', spline='jax flowjax', vine='pyvinecopulib', forest='arfpy', knn='pyod')

if __name__ == '__main__':
    ap = argparse.ArgumentParser()
    ap.add_argument('contender', choices=CONTENDERS)
    for part in ('train', 'validation', 'test'): ap.add_argument(part)
    ap.add_argument('--seconds', type=float, default=60)
    ap.add_argument('--seed', type=int, default=0)
    ap.add_argument('--out', required=True)
    a = ap.parse_args()
    warnings.filterwarnings('ignore', category=UserWarning)
    train, validation, test = (np.loadtxt(path, delimiter=',', skiprows=1, ndmin=2) for path in (a.train, a.validation, a.test))
    scaling = Scaling(train)
    # The processor seconds of importing libraries are not counted.
    import sklearn, sklearn.mixture, sklearn.neighbors, sklearn.ensemble
    libraries = LIBRARIES.get(a.contender, '').split()
    # JAX has no option for its number of threads: it starts one for each core that the process may use.
    if 'jax' in libraries and hasattr(os, 'sched_setaffinity'): os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    for name in libraries: importlib.import_module(dict(knn='pyod.models.knn').get(a.contender, name))
    budget = Budget(a.seconds)
    score, told = CONTENDERS[a.contender](scaling(train), scaling(validation), budget, a.seed)
    spent = dict(seconds=time.perf_counter() - budget.wall, processorSeconds=budget.spent())
    numbers = np.asarray(score(scaling(test)), float) + (0 if a.contender in DETECTORS else scaling.log_det())
    # The nats of the curve are in raw units, as the log-densities of the rows are.
    if 'curve' in told: told['curve'] = [(step, seconds, round(nats - scaling.log_det(), 5)) for step, seconds, nats in told['curve']]
    np.savetxt(a.out, numbers, fmt='%.9g')
    print(json.dumps(dict(**told, **spent, versions={name: version(name) for name in (*libraries, 'scikit-learn', 'scipy', 'numpy')})))
