"""Tests pairs of tables for drift by a Python package: python peers.py NAME FOLDER PAIRS.

The folder holds the files I-reference.csv and I-rows.csv for each pair I. The last line of the output has, for each
method, a list of results as JSON: a p-value, or whether there was an alarm.
"""

import json
import sys
import time
import warnings

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")
NUMBERS = ["a", "b", "c", "d"]


def read(folder, pair, part):
    return pd.read_csv(f"{folder}/{pair}-{part}.csv", dtype={"kind": str})


def encoded(reference, rows):
    """Numbers standardized by the reference rows, categories as 0 and 1, a 0/1 column for gaps, gaps as the mean."""
    mean, scale = reference[NUMBERS].mean(), reference[NUMBERS].std()

    def encode(table):
        numbers = ((table[NUMBERS] - mean) / scale).fillna(0)
        kinds = [(table["kind"] == level).astype(float) for level in ("x", "y", "rare")]
        return np.column_stack([numbers, table["c"].isna().astype(float), *kinds]).astype(np.float32)

    return encode(reference), encode(rows)


def alibi_detect():
    from alibi_detect.cd import ClassifierDrift, MMDDrift
    from sklearn.ensemble import RandomForestClassifier

    def test(pair, reference, rows):
        old, new = encoded(reference, rows)
        mmd = MMDDrift(old, backend="pytorch", n_permutations=100).predict(new)
        forest = RandomForestClassifier(n_estimators=40, min_samples_leaf=5, random_state=pair)
        classifier = ClassifierDrift(
            old, forest, backend="sklearn", preds_type="probs", binarize_preds=False, n_folds=3, seed=pair
        ).predict(new)
        return {
            "MMD": float(mmd["data"]["p_val"]),
            "classifier (random forest)": float(classifier["data"]["p_val"]),
        }

    return test


def evidently():
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    definition = DataDefinition(numerical_columns=NUMBERS, categorical_columns=["kind"])

    def columns(reference, rows, **options):
        old, new = [Dataset.from_pandas(table, data_definition=definition) for table in (reference, rows)]
        metrics = Report([DataDriftPreset(**options)]).run(new, old).dict()["metrics"]
        return [float(metric["value"]) for metric in metrics if "ValueDrift" in str(metric.get("metric_name", ""))]

    def test(_pair, reference, rows):
        # Tests of p-values for each column (Kolmogorov-Smirnov and chi-squared), corrected for their number.
        p = columns(reference, rows, num_method="ks", cat_method="chisquare")
        return {"KS and chi-squared of columns": min(1.0, len(p) * min(p))}

    return test


def nannyml():
    import nannyml as nml

    def alarms(calculator, reference, rows):
        found = calculator.fit(reference).calculate(rows).filter(period="analysis").to_df()
        return bool(found.xs("alert", axis=1, level=-1).to_numpy().any())

    def test(_pair, reference, rows):
        columns = [*NUMBERS, "kind"]
        # The thresholds are computed from chunks of the reference rows: five chunks of each table.
        size = len(rows) // 5
        univariate = nml.UnivariateDriftCalculator(
            column_names=columns,
            treat_as_categorical=["kind"],
            continuous_methods=["jensen_shannon"],
            categorical_methods=["jensen_shannon"],
            chunk_size=size,
        )
        reconstruction = nml.DataReconstructionDriftCalculator(column_names=columns, chunk_size=size)
        return {
            "Jensen-Shannon of columns (any alert)": alarms(univariate, reference, rows),
            "PCA reconstruction (any alert)": alarms(reconstruction, reference, rows),
        }

    return test


def main(name, folder, pairs):
    test = {"alibi-detect": alibi_detect, "evidently": evidently, "nannyml": nannyml}[name]()
    found = {}
    begin = time.process_time()
    for pair in range(pairs):
        for method, result in test(pair, read(folder, pair, "reference"), read(folder, pair, "rows")).items():
            found.setdefault(method, []).append(result)
        if pair % 10 == 9:
            print(f"{name}: {pair + 1} of {pairs} pairs", file=sys.stderr)
    print(json.dumps({"found": found, "secondsEach": (time.process_time() - begin) / pairs}))


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
