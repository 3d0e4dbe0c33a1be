#!/usr/bin/env python3
"""Measures the accuracy of a classifier between draws of a posterior and draws of a reference, for `npm run measure -- tables`. The accuracy is 0.5 for equal distributions.

    c2st.py SBIBM TASK COUNT SAMPLES.csv [SAMPLES.csv ...]

SBIBM: folder with the package sbibm. A file has COUNT draws for each observation, in the order of the observations. The
classifier is the classifier of sbibm: a net with two hidden layers, with five-fold cross-validation. The last line of
the output is JSON: for each file, the accuracy for each observation.
"""
import bz2, importlib.util, json, sys, warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np, torch

sbibm, task, count, files = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4:]
OBSERVATIONS = 10


def module():
    # Only this file is loaded, because the package imports simulators that are not installed.
    spec = importlib.util.spec_from_file_location('c2st', sbibm / 'sbibm/metrics/c2st.py')
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def table(text): return torch.tensor(np.loadtxt(text, delimiter=',', skiprows=1, dtype=np.float32))


def accuracy(job):
    file, i = job
    warnings.filterwarnings('ignore')
    torch.set_num_threads(1)
    with bz2.open(sbibm / f'sbibm/tasks/{task}/files/num_observation_{i + 1}/reference_posterior_samples.csv.bz2', 'rt') as text: reference = table(text)[:count]
    return float(module().c2st(reference, table(file)[i * count : (i + 1) * count])[0])


if __name__ == '__main__':
    with ProcessPoolExecutor(2) as pool: found = list(pool.map(accuracy, [(file, i) for file in files for i in range(OBSERVATIONS)]))
    print(json.dumps({file: found[k * OBSERVATIONS : (k + 1) * OBSERVATIONS] for k, file in enumerate(files)}))
