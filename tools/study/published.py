#!/usr/bin/env python3
"""Writes one of the five tables of Papamakarios, Pavlakou and Murray (Masked Autoregressive Flow, NIPS 2017,
appendix D) as train.csv, validation.csv and test.csv, for `npm run measure -- study`.

    node_modules/.cache/study-python/bin/python tools/study/published.py NAME FOLDER OUT

FOLDER has the files of the authors' archive, with their original names: power/data.npy, gas/ethylene_CO.pickle,
hepmass/1000_train.csv and 1000_test.csv, miniboone/data.npy, BSDS300/BSDS300.hdf5.
The rows, their order, the columns and the units follow the published code, so that losses in nats can be compared with
published losses.
"""
import os, sys
from pathlib import Path

import numpy as np


def last_tenths(rows):
    """Splits rows: the last tenth are test rows, the last tenth of the remaining rows are validation rows."""
    def cut(rows):
        count = int(0.1 * len(rows))
        return rows[:-count], rows[-count:]
    rest, test = cut(rows)
    train, validation = cut(rest)
    return train, validation, test


def standardized(parts, by):
    mean, deviation = by.mean(0), by.std(0)
    return [(part - mean) / deviation for part in parts]


def power(folder):
    """Returns 2,049,280 measurements of the power of a household, without reactive power and intensity. Each column but
    the time gets noise as wide as its last digit."""
    random = np.random.RandomState(42)
    rows = np.load(folder / 'power/data.npy')
    random.shuffle(rows)
    rows = np.delete(rows, [1, 3], axis=1)
    count = len(rows)
    # The noise is drawn in the order of the authors' code: voltage, active power, the three meters. The time has no
    # noise.
    voltage, active, meters = 0.01 * random.rand(count, 1), 0.001 * random.rand(count, 1), random.rand(count, 3)
    parts = last_tenths(rows + np.hstack([active, voltage, meters, np.zeros((count, 1))]))
    return standardized(parts, np.vstack(parts[:2]))


def gas(folder):
    """Returns measurements of sixteen sensors in a mixture of gases. As long as two columns correlate by more than 0.98,
    the first of all such columns is dropped."""
    import pandas
    table = pandas.read_pickle(folder / 'gas/ethylene_CO.pickle').drop(columns=['Meth', 'Eth', 'Time'])
    while True:
        follows = ((table.corr() > 0.98).sum(axis=1) > 1).to_numpy()
        if not follows.any(): break
        table = table.drop(columns=table.columns[np.flatnonzero(follows)[0]])
    return last_tenths(((table - table.mean()) / table.std()).to_numpy())


def hepmass(folder):
    """Returns the collisions in which there is a signal. Columns in which more than five rows have the smallest
    value are left out, as in the authors' code."""
    import pandas
    def signal(part):
        table = pandas.read_csv(folder / f'hepmass/1000_{part}.csv', index_col=False)
        return table[table.iloc[:, 0] == 1].iloc[:, 1:]
    # The file of the test rows has an additional column, which is dropped.
    train, test = signal('train'), signal('test').iloc[:, :-1]
    mean, deviation = train.mean().to_numpy(), train.std().to_numpy()
    train, test = [(part.to_numpy() - mean) / deviation for part in (train, test)]
    kept = (train == train.min(0)).sum(0) <= 5
    train, test = train[:, kept], test[:, kept]
    count = int(0.1 * len(train))
    return train[:-count], train[-count:], test


def miniboone(folder):
    """Returns measurements of electron neutrinos. The authors' file has been cleaned already."""
    parts = last_tenths(np.load(folder / 'miniboone/data.npy'))
    return standardized(parts, np.vstack(parts[:2]))


def bsds300(folder):
    """Returns patches of 8 x 8 pixels of photographs, minus the mean of the patch, without the last pixel. The file has
    separate training, validation and test rows."""
    import h5py
    with h5py.File(folder / 'BSDS300/BSDS300.hdf5') as file: return [file[part][:] for part in ('train', 'validation', 'test')]


TABLES = dict(power=power, gas=gas, hepmass=hepmass, miniboone=miniboone, bsds300=bsds300)

if __name__ == '__main__':
    name, folder, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    parts = TABLES[name](folder)
    out.mkdir(parents=True, exist_ok=True)
    for part, rows in zip(('train', 'validation', 'test'), parts):
        path = out / f'{part}.csv'
        # Nine digits determine a float32 number.
        np.savetxt(f'{path}.part', rows.astype('float32'), fmt='%.9g', delimiter=',', header=','.join(f'x{j}' for j in range(rows.shape[1])), comments='')
        # A file gets its final name only when it is complete.
        os.replace(f'{path}.part', path)
