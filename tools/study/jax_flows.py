"""Flows of flowjax: the block neural autoregressive flow and a coupling flow of rational-quadratic splines. The seconds
include the compilation of the functions by JAX, for which users wait too."""
from tuned import told, tuned


def flow(train, validation, budget, seed, name):
    """Trains a flow of flowjax: see tuned.py."""
    import equinox, flowjax.bijections, flowjax.distributions, flowjax.flows, jax, numpy as np, optax, paramax
    from jax import numpy as jnp
    rows, d = train.shape
    base = flowjax.distributions.StandardNormal((d,))
    x, held_out = (jnp.asarray(part, 'float32') for part in (train, validation))
    size = dict(bnaf=dict(nn_block_dim=8, flow_layers=1 if rows < 2000 else 2), spline=dict(flow_layers=4 if rows < 2000 else 8, nn_width=64))[name]

    def make():
        key = jax.random.key(seed)
        if name == 'bnaf': return flowjax.flows.block_neural_autoregressive_flow(key, base_dist=base, **size)
        # As many knots as the flow of zuko has bins, on the same interval.
        spline = flowjax.bijections.RationalQuadraticSpline(knots=8, interval=5)
        return flowjax.flows.coupling_flow(key, base_dist=base, transformer=spline, **size)

    adam = optax.scale_by_adam()
    # `static` is all that is not trained.
    weights, static = equinox.partition(make(), equinox.is_inexact_array, is_leaf=lambda leaf: isinstance(leaf, paramax.NonTrainable))
    model = lambda weights: paramax.unwrap(equinox.combine(weights, static))

    @jax.jit
    def update(weights, slots, batch, rate):
        gradient = jax.grad(lambda weights: -model(weights).log_prob(batch).mean())(weights)
        steps, slots = adam.update(gradient, slots)
        return jax.tree.map(lambda weight, step: weight - rate * step, weights, steps), slots

    log_prob = jax.jit(lambda weights, rows: model(weights).log_prob(rows))

    class Flow:
        def reset(self): self.current, self.slots = weights, adam.init(weights)
        def step(self, indices, rate): self.current, self.slots = update(self.current, self.slots, x[indices], rate)
        def loss(self): return -float(np.mean(scores(self.current, held_out)))
        def weights(self): return self.current

    def scores(weights, rows): return np.concatenate([np.asarray(log_prob(weights, rows[at:at + 4096]), float) for at in range(0, len(rows), 4096)])

    made = Flow()
    found = tuned(made, rows, budget, seed)
    parameters = sum(weight.size for weight in jax.tree.leaves(weights))
    score = lambda rows: scores(found['weights'], jnp.asarray(rows, 'float32'))
    return score, dict(parameters=parameters, curve=found['curve'], details=told(found, **size))
