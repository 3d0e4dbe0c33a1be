"""Runs scipy.optimize.root on the problems of problems.mjs, and judges its results and the results of ours.mjs in float64.

python root.py IN. IN: {family, tolerance, maxSteps, bound, ours: {method: [{y, claimed, evaluations}]}}.
Prints {versions, methods: {method: {solved, wrong, evaluations}}}.
"""
import json
import sys
import warnings

import numpy as np
import scipy
from scipy.optimize import root

METHODS = ["hybr", "krylov", "df-sane", "anderson", "broyden1"]


def before(y):
    return np.concatenate([[0.0], y[:-1]])


def after(y):
    return np.concatenate([y[1:], [0.0]])


def rosenbrock(y):
    gap = y[1:] - y[:-1] ** 2
    out = np.zeros_like(y)
    out[:-1] += 2 * (y[:-1] - 1) - 400 * y[:-1] * gap
    out[1:] += 200 * gap
    return out


def tridiagonal(y):
    return (3 - 2 * y) * y - before(y) - 2 * after(y) + 1


def boundary(y):
    h = 1 / (len(y) + 1)
    places = h * np.arange(1, len(y) + 1) + 1
    return 2 * y - before(y) - after(y) + h * h / 2 * (y + places) ** 3


def powell(y):
    return np.array([1e4 * y[0] * y[1] - 1, np.exp(-y[0]) + np.exp(-y[1]) - 1.0001])


def residual_of(family):
    """Returns F of a family; for a contraction f this is y - f(y)."""
    kind = family["kind"]
    data = {name: np.array(x, dtype=np.float64) for name, x in family["data"].items()}
    if kind == "affine":
        return lambda y: y - (y @ data["A"] + data["a"])
    if kind in ("tanh", "sine"):
        s = np.tanh if kind == "tanh" else np.sin
        return lambda y: y - (s(y @ data["A"] + data["a"]) @ data["C"] + data["c"])
    return {"rosenbrock": rosenbrock, "tridiagonal": tridiagonal, "boundary": boundary, "powell": powell}[kind]


def solved(method, F, start, tolerance, max_steps):
    count = 0

    def counted(y):
        nonlocal count
        count += 1
        return F(y)

    options = {} if method == "hybr" else {"fatol": tolerance, "ftol": 0, "maxfev": max_steps} if method == "df-sane" else {"fatol": tolerance, "maxiter": max_steps, "tol_norm": np.linalg.norm}
    try:
        found = root(counted, start, method=method, options=options)
        return {"y": list(map(float, np.asarray(found.x).ravel())), "claimed": bool(found.success), "evaluations": count}
    except Exception:  # Some methods raise errors for overflow or a singular matrix.
        return {"y": list(start), "claimed": False, "evaluations": count}


def judged(F, results, bound):
    norms = [float(np.linalg.norm(F(np.array(result["y"], dtype=np.float64)))) if all(isinstance(x, (int, float)) for x in result["y"]) else np.inf for result in results]
    good = [bool(norm <= bound) for norm in norms]
    return {
        "solved": sum(good),
        "wrong": sum(result["claimed"] and not ok for result, ok in zip(results, good)),
        "evaluations": float(np.median([result["evaluations"] for result, ok in zip(results, good) if ok])) if any(good) else None,
    }


def main(source):
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    with open(source) as file:
        given = json.load(file)
    family = given["family"]
    F = residual_of(family)
    methods = {}
    for method in METHODS:
        results = [solved(method, F, np.array(start, dtype=np.float64), given["tolerance"], given["maxSteps"]) for start in family["starts"]]
        methods[f"SciPy {method}"] = judged(F, results, given["bound"])
    for method, found in given["ours"].items():
        methods[method] = judged(F, found, given["bound"])
    print(json.dumps({"versions": {"python": sys.version.split()[0], "scipy": scipy.__version__, "numpy": np.__version__}, "methods": methods}))


if __name__ == "__main__":
    main(sys.argv[1])
