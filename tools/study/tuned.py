"""Trains a flow of another library as its users should: Adam with a learning rate that follows a cosine to zero, where
the initial rate is chosen by the validation rows. Used by torch_flows.py and jax_flows.py."""
import math

RATES = (5e-4, 2e-3, 8e-3)
TRIAL = 0.08  # Share of the time of each short training, one for each rate.
VALIDATIONS = 0.1  # Largest share of the time of validations.


def tuned(flow, rows, budget, seed):
    """Trains `flow` for a short time with each of RATES, and for the remaining time with the best of these rates. Each
    training follows a complete cosine. Returns the training with the lowest validation loss, which is a short training if
    the long one overfits.

    `flow` has four functions. `reset()` draws initial weights. `step(indices, rate)` makes a step of Adam on these
    training rows. `loss()` returns the validation loss in nats. `weights()` returns a copy of the weights. `seed` is the
    seed of the batches.
    """
    trials = [trained(flow, rows, rate, TRIAL * budget.seconds, budget, seed) for rate in RATES]
    rate = min(trials, key=lambda trial: trial['low'])['rate']
    return min([*trials, trained(flow, rows, rate, budget.left(), budget, seed)], key=lambda trial: trial['low'])


def trained(flow, rows, rate, seconds, budget, seed):
    """Trains `flow` from new weights for processor seconds. Returns the weights of the lowest validation loss."""
    import numpy as np
    random = np.random.default_rng(seed)
    batch = min(256, rows)
    per_epoch = rows // batch
    every = min(max(10, per_epoch), 200)
    flow.reset()
    begun, spent_at, took, validating = budget.spent(), 0, 0, 0
    found = dict(rate=rate, low=math.inf, step=0, weights=None, curve=[])
    step, progress = 0, 0

    def validate():
        nonlocal spent_at, took, validating
        begin = budget.spent()
        value = flow.loss()
        spent_at = budget.spent()
        took = spent_at - begin
        validating += took
        found['curve'].append((step, round(spent_at, 2), value))
        if value < found['low']: found.update(low=value, step=step, weights=flow.weights())

    while progress < 1:
        order = random.permutation(rows)[:per_epoch * batch].reshape(per_epoch, batch)
        for indices in order:
            flow.step(indices, rate * 0.5 * (1 + math.cos(math.pi * progress)))
            step += 1
            # Compilation by JAX may leave no time, so that `seconds` is negative.
            progress = min(1, (budget.spent() - begun) / max(seconds, 1e-9))
            if progress >= 1: break
            if step % every == 0 and budget.spent() - spent_at >= took / VALIDATIONS: validate()
    validate()
    seconds_of_steps = budget.spent() - begun - validating
    return {**found, 'steps': step, 'rows_per_second': batch * step / seconds_of_steps}


def told(found, **more):
    """Returns the details of a training for a record of the study."""
    if found['weights'] is None: raise SystemExit('[study/peers] The flow has no finite validation loss: expected one. Raise --seconds.')
    return dict(steps=found['steps'], bestStep=found['step'], rate=found['rate'], validationNats=found['low'],
                rowsPerSecond=found['rows_per_second'], **more)
