"""Vine copulas of pyvinecopulib."""
import math


def vine(train, validation, budget, seed):
    """Fits vine copulas, of parametric families and by local likelihood, with kernel densities as margins. Chooses one by
    the validation rows. A fit cannot be interrupted, so the first fit reads 1,000 rows, and the next as many rows as it
    can read in half of the remaining time if the time grows with the rows."""
    import pyvinecopulib as pv
    kinds = dict(parametric=pv.parametric, local=[pv.BicopFamily.indep, pv.BicopFamily.tll])
    best, low, chosen = None, math.inf, None
    for kind, families in kinds.items():
        rows, limit = min(1000, len(train)), budget.left() / (len(kinds) - list(kinds).index(kind))
        begun = budget.spent()
        while True:
            begin = budget.spent()
            fit = pv.Vinedist.from_data(train[:rows], controls=pv.FitControlsVinecop(family_set=families, num_threads=1))
            took = budget.spent() - begin
            value = -float(fit.logpdf(validation).mean())
            if value < low: best, low, chosen = fit, value, dict(kind=kind, rows=rows)
            more = min(len(train), int(rows * 0.5 * (limit - (budget.spent() - begun)) / took))
            if more < 1.2 * rows: break
            rows = more
    return best.logpdf, dict(parameters=int(best.npars), details=dict(**chosen, validationNats=low))
