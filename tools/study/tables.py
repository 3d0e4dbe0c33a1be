#!/usr/bin/env python3
"""Writes the tables of scikit-learn as CSV, for `npm run measure -- study`.

    node_modules/.cache/study-python/bin/python tools/study/tables.py FOLDER

Each table has a header. If a table has classes, its last column, `class`, has their numbers. Values are in raw units,
as scikit-learn returns them.
"""
import csv, os, sys
from pathlib import Path

from sklearn import datasets

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)


def write(name, columns, rows):
    path = folder / f'{name}.csv'
    with open(f'{path}.part', 'w', newline='') as file:
        writer = csv.writer(file, lineterminator='\n')
        writer.writerow(columns)
        writer.writerows([[repr(float(value)) for value in row] for row in rows])
    # The file gets its final name only when it is complete.
    os.replace(f'{path}.part', path)


def labelled(name, bunch, columns=None):
    names = [str(each) for each in bunch.feature_names][:columns]
    write(name, [*names, 'class'], [[*row[:columns], label] for row, label in zip(bunch.data, bunch.target)])


cancer = datasets.load_breast_cancer()
labelled('wine', datasets.load_wine())
labelled('breast-cancer-10', cancer, 10)
labelled('breast-cancer-30', cancer)
labelled('digits', datasets.load_digits())
labelled('iris', datasets.load_iris())
# With `scaled=False`, scikit-learn returns the measured values. Scaled values have no unit, and hide that most measured
# values are whole numbers.
diabetes = datasets.load_diabetes(scaled=False)
write('diabetes', [*diabetes.feature_names, 'target'], [[*row, target] for row, target in zip(diabetes.data, diabetes.target)])
