#!/usr/bin/env python3
"""Writes the data sets wine and breast cancer of scikit-learn as CSV, with the names of their classes, for `npm run measure -- tables`.

    tables.py FOLDER

Values are written as scikit-learn returns them, in raw units.
"""
import csv, json, os, sys
from pathlib import Path

from sklearn import datasets

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)


def write(name, bunch, columns, label):
    path = folder / f'{name}.csv'
    with open(f'{path}.part', 'w', newline='') as file:
        writer = csv.writer(file, lineterminator='\n')
        writer.writerow([*[str(each) for each in bunch.feature_names][:columns], label])
        writer.writerows([[*[repr(float(value)) for value in row[:columns]], bunch.target_names[k]] for row, k in zip(bunch.data, bunch.target)])
    # The rename at the end ensures that a file with the final name is complete.
    os.replace(f'{path}.part', path)


write('wine', datasets.load_wine(), 13, 'cultivar')
write('breast-cancer', datasets.load_breast_cancer(), 10, 'diagnosis')
print(json.dumps({'folder': str(folder)}))
