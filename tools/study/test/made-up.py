"""Writes small files of random numbers that have the layout of the five published tables: made-up.py FOLDER."""
import sys
from pathlib import Path

import h5py, numpy as np, pandas

folder, random = Path(sys.argv[1]), np.random.default_rng(1)
for name in ('power', 'gas', 'hepmass', 'miniboone', 'BSDS300'): (folder / name).mkdir(parents=True)
# Columns: active and reactive power, voltage, intensity, three meters, time. Whole numbers, so that noise can be
# detected.
np.save(folder / 'power/data.npy', np.floor(100 * random.random((1000, 8))))
sensors = random.normal(size=(400, 4))
# The second column is nearly a copy of the first column.
sensors[:, 1] = sensors[:, 0] + 0.01 * sensors[:, 1]
pandas.DataFrame(np.hstack([random.random((400, 3)), sensors]), columns=['Time', 'Meth', 'Eth', 'R1', 'R2', 'R3', 'R4']).to_pickle(folder / 'gas/ethylene_CO.pickle')
for part, rows, extra in (('train', 600, 0), ('test', 200, 1)):
    columns = [random.integers(0, 2, rows), random.normal(3, 2, rows), random.integers(0, 3, rows), random.normal(-1, 5, rows), *[np.zeros(rows)] * extra]
    # If a line has one number more than the header, pandas reads the first number as the name of the row.
    pandas.DataFrame(np.stack(columns, 1)).to_csv(folder / f'hepmass/1000_{part}.csv', index=False)
np.save(folder / 'miniboone/data.npy', random.normal(7, 3, (300, 5)))
with h5py.File(folder / 'BSDS300/BSDS300.hdf5', 'w') as file:
    for part, rows in (('train', 50), ('validation', 20), ('test', 30)): file[part] = random.normal(size=(rows, 63)).astype('float32')
