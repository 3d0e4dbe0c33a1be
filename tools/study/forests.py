"""Adversarial random forests of arfpy."""
import contextlib, math, sys


def forest(train, validation, budget, seed):
    """Fits adversarial random forests with leaves of at least 5, 20 and 80 rows, and chooses one by the validation rows. A
    fit cannot be interrupted, so it reads as many rows as it can read in its share of the time, judged by a fit to 500
    rows. The density of arfpy has no function in arfpy, which only draws from it: `log_density` computes it from the
    fitted leaves."""
    import numpy as np, pandas
    from arfpy import arf
    from scipy.stats import truncnorm
    # arfpy 0.1.1 calls this function by its name before NumPy 2.4.
    if not hasattr(np, 'in1d'): np.in1d = np.isin
    names = [f'x{j}' for j in range(train.shape[1])]
    frame = lambda rows: pandas.DataFrame(rows, columns=names)

    def fitted(rows, least):
        # arfpy prints to the output, whose last line is the record.
        with contextlib.redirect_stdout(sys.stderr):
            made = arf.arf(x=frame(train[:rows]), num_trees=30, min_node_size=least, verbose=False, random_state=seed)
            return made, made.forde()

    def log_density(made, parameters, rows):
        """Returns the log of the mean density of the trees. In each tree a row lies in one leaf, whose density is the
        share of its training rows times a product of normal densities that are truncated to the bounds of the leaf."""
        leaves = made.clf.apply(frame(rows))
        shares = made.bnds.drop_duplicates(['tree', 'nodeid']).set_index(['tree', 'nodeid'])['cvg']
        wide = parameters['cnt'].pivot(index=['tree', 'nodeid'], columns='variable', values=['mean', 'sd', 'min', 'max'])
        logs = np.full((len(rows), leaves.shape[1]), -math.inf)
        for tree in range(leaves.shape[1]):
            of_tree = wide.loc[tree].reindex(leaves[:, tree])
            mean, deviation, low, high = (of_tree[what][names].to_numpy() for what in ('mean', 'sd', 'min', 'max'))
            deviation = np.maximum(deviation, 1e-3)  # Of standardized columns. The values of a leaf may all be equal.
            share = shares.loc[tree].reindex(leaves[:, tree]).to_numpy()
            own = truncnorm.logpdf(rows, (low - mean) / deviation, (high - mean) / deviation, mean, deviation).sum(1) + np.log(share)
            logs[:, tree] = np.where(np.isfinite(own), own, -math.inf)  # A leaf of one row has no density.
        return np.logaddexp.reduce(logs, axis=1) - math.log(leaves.shape[1])

    sizes = (5, 20, 80)
    few = min(500, len(train))
    begin = budget.spent()
    fitted(few, sizes[0])
    took = budget.spent() - begin
    best, low, chosen = None, math.inf, None
    for at, least in enumerate(sizes):
        share = budget.left() / (len(sizes) - at)
        rows = min(len(train), max(few, int(few * 0.5 * share / took)))
        made, parameters = fitted(rows, least)
        value = -float(log_density(made, parameters, validation).mean())
        if best is None or value < low: best, low, chosen = (made, parameters), value, dict(leastRows=least, rows=rows)
    return lambda rows: log_density(*best, rows), dict(parameters=int(4 * best[1]['cnt'].shape[0]), details=dict(**chosen, validationNats=low))
