#!/usr/bin/env python3
"""JAX peer: an Implicit Normalizing Flow in JAX, a whole training step under `jit`, for side-by-side timing with this library.

The model is the model of peer.py: x + g_x(x) = z + g_z(z), dense nets with softly capped spectral norms, Adam. The methods differ where JAX has idiomatic alternatives:

  --preset toy      Newton's method with the exact Jacobian, by tangents; its inverse also solves the adjoint system; exact log-determinants
  --preset tabular  Broyden's method forward and for the adjoint system; Russian roulette with the Neumann gradient

Solves end at a residual of 1e-6 rms, as in peer.py. Norms are estimated once in each training step.

  npm run setup:rivals
  node_modules/.cache/rivals/bin/python tools/bench/peer_jax.py --preset toy --batch 500 --steps 60 --threads 2

Prints one JSON line as peer.py does. Net evaluations are counted by the rules of peer.py, but equal evaluations in a step count once, because XLA merges them.

With --serve the program trains on request, by lines on its standard input: see serve.mjs. With --products it multiplies matrices instead of training: see `Products`.
"""
import argparse, json, math, os, sys, time

ap = argparse.ArgumentParser()
ap.add_argument('--preset', choices=['toy', 'tabular'], default='toy')
ap.add_argument('--batch', type=int, default=500)
ap.add_argument('--steps', type=int, default=60)
ap.add_argument('--warmup', type=int, default=100)
ap.add_argument('--threads', type=int, default=os.cpu_count())
ap.add_argument('--products', action='store_true')
ap.add_argument('--seed', type=int, default=0)
ap.add_argument('--serve', action='store_true')
a = ap.parse_args()
# JAX reads these variables when it starts. NPROC is the size of its thread pool.
os.environ['NPROC'] = str(a.threads)
os.environ['JAX_PLATFORMS'] = 'cpu'
if a.threads == 1: os.environ['XLA_FLAGS'] = '--xla_cpu_multi_thread_eigen=false'
from functools import partial
import jax, jax.numpy as jnp, numpy as np, optax

PRESET = {'toy': dict(dim=2, hidden=[128, 128], blocks=6, coeff=0.99, logdet='exact', power=20),
          'tabular': dict(dim=6, hidden=[128] * 4, blocks=20, coeff=0.99, logdet='roulette', power=5)}[a.preset]
d, blocks, exact = PRESET['dim'], PRESET['blocks'], PRESET['logdet'] == 'exact'
TOLERANCE, LIMIT = 1e-6, 30
EYE = jnp.eye(d)
rng = np.random.default_rng(a.seed)


# Nets. A net is a list of layers (W, b) with capped norms. The parameters and the vectors of power iteration are stored
# in trees of equal structure.

def initial_net():
    """Returns initial parameters and singular vectors of a net. The last layer is almost zero."""
    dims = [d, *PRESET['hidden'], d]; parameters, vectors = [], []
    for i, (m, n) in enumerate(zip(dims[:-1], dims[1:])):
        bound = (1e-3 if i == len(dims) - 2 else 1) / math.sqrt(m)
        parameters.append((jnp.asarray(rng.uniform(-bound, bound, (n, m)), jnp.float32), jnp.zeros(n)))
        vectors.append((jnp.asarray(rng.standard_normal(n), jnp.float32), jnp.asarray(rng.standard_normal(m), jnp.float32)))
    return parameters, vectors


def iterate(parameters, vectors, times):
    """Makes `times` steps of power iteration on every layer of a net. Returns the new vectors."""
    def turn(w, u, v):
        v = w.T @ u; v = v / (jnp.linalg.norm(v) + 1e-12)
        u = w @ v; return u / (jnp.linalg.norm(u) + 1e-12), v
    return [jax.lax.fori_loop(0, times, lambda _, uv: turn(w, *uv), uv) for (w, _), uv in zip(parameters, vectors)]


def capped(parameters, vectors):
    """Returns the layers with the capped weights W / max(1, sigma / coeff)."""
    return [(w / jnp.maximum(jnp.dot(u, w @ v) / PRESET['coeff'], 1.0), b) for (w, b), (u, v) in zip(parameters, vectors)]


@jax.custom_jvp
def sine(x):
    """Computes sin(2 pi x) / (2 pi). Without the barriers, XLA computes sines and cosines again in each loop that reads them. With the barriers, a step of the toy model takes 0.8 of the time."""
    return jax.lax.optimization_barrier(jnp.sin(2 * math.pi * x) / (2 * math.pi))


@jax.custom_jvp
def cosine(x):
    """Computes the derivative of `sine`."""
    return jax.lax.optimization_barrier(jnp.cos(2 * math.pi * x))


sine.defjvp(lambda x, t: (sine(*x), cosine(*x) * t[0]))
cosine.defjvp(lambda x, t: (cosine(*x), -(2 * math.pi) ** 2 * sine(*x) * t[0]))


def net(layers, x):
    """Returns g(x) for x [B, d]."""
    for i, (w, b) in enumerate(layers):
        if i: x = sine(x)
        x = x @ w.T + b
    return x


def value_and_jacobian(layers, x):
    """Returns g(x) [B, d] and its Jacobian J [B, d, d], which is computed from d tangents."""
    push = lambda e: jax.jvp(partial(net, layers), (x,), (jnp.broadcast_to(e, x.shape),))
    return jax.vmap(push, out_axes=(None, -1))(EYE)


# Solvers of f(x) = 0 for a batch. All rows are iterated until the rms of all residuals is small.

def rms(x): return jnp.sqrt(jnp.mean(x * x))


def inverse(A):
    """Returns the inverses of 2 x 2 matrices, [B, 2, 2]."""
    (p, q), (r, s) = [[A[:, i, j] for j in (0, 1)] for i in (0, 1)]
    return jnp.stack([jnp.stack([s, -q], -1), jnp.stack([-r, p], -1)], -2) / (p * s - q * r)[:, None, None]


def newton(layers, h):
    """Solves z + g(z) = h. Returns z, the inverse of I + J at z, and the number of steps."""
    def at(z):
        g, J = value_and_jacobian(layers, z)
        return z, z + g - h, inverse(J + EYE)
    def step(state):
        (z, f, inv), k = state
        return at(z - jnp.einsum('bij,bj->bi', inv, f)), k + 1
    (z, _, inv), k = jax.lax.while_loop(lambda s: (rms(s[0][1]) > TOLERANCE) & (s[1] < LIMIT), step, (at(h), 0))
    return z, inv, k


def broyden(f, x, tolerance):
    """Solves f(x) = 0 by Broyden's good method, with a separate inverse Jacobian for each sample, which starts as the identity.
    Returns the best iterate and the number of steps."""
    dot = lambda u, v: jnp.sum(u * v, -1, keepdims=True)
    def apply(U, V, k, v):
        """Returns (I + sum of u w^T) v, where the sum has the k pairs (u, w) of a history."""
        return jax.lax.fori_loop(0, k, lambda i, y: y + U[i] * dot(V[i], v), v)
    def step(state):
        x, fx, move, best, low, U, V, k = state
        x = x + move; new = f(x); df = new - fx; n = rms(new)
        best = jnp.where(n < low, x, best); low = jnp.minimum(n, low)
        w = apply(V, U, k, move); den = dot(w, df); ok = jnp.abs(den) > 1e-30
        U = U.at[k].set(jnp.where(ok, (move - apply(U, V, k, df)) / jnp.where(ok, den, 1.0), 0.0)); V = V.at[k].set(w)
        return x, new, -apply(U, V, k + 1, new), best, low, U, V, k + 1
    fx = f(x); history = jnp.zeros((LIMIT, *x.shape))
    state = jax.lax.while_loop(lambda s: (s[4] > tolerance) & (s[7] < LIMIT), step, (x, fx, -fx, x, rms(fx), history, history, 0))
    return state[3], state[7]


# A block: solves z + g_z(z) = x + g_x(x) for z, and computes the log-determinant.

@jax.custom_vjp
def solve(layers, h, tally):
    """Returns z with z + g(z) = h; the gradient uses the implicit function theorem. The "gradient" of `tally` [2] returns the numbers of forward and adjoint steps."""
    return solve_forward(layers, h, tally)[0]


def solve_forward(layers, h, tally):
    if exact: z, inv, k = newton(layers, h)
    else: (z, k), inv = broyden(lambda z: z + net(layers, z) - h, h, TOLERANCE), None
    return z, (layers, z, inv, k)


def solve_backward(saved, dz):
    """Solves (I + J)^T y = dz for y."""
    layers, z, inv, k = saved
    _, pull = jax.vjp(net, layers, z)
    if exact: y, steps = jnp.einsum('bij,bi->bj', inv, dz), 0
    else: y, steps = broyden(lambda y: y + pull(y)[1] - dz, dz, TOLERANCE * rms(dz))
    return pull(-y)[0], y, jnp.array([k, steps], jnp.float32)


solve.defvjp(solve_forward, solve_backward)


def value_and_log_det(layers, x, probe, n):
    """Returns g(x) and log det(I + J) per sample: exact, or by roulette with two exact terms and n further terms."""
    if exact:
        g, J = value_and_jacobian(layers, x); A = J + EYE
        return g, jnp.log(A[:, 0, 0] * A[:, 1, 1] - A[:, 0, 1] * A[:, 1, 0])
    _, pull = jax.vjp(partial(net, jax.lax.stop_gradient(layers)), jax.lax.stop_gradient(x))
    def term(k, vw):
        v, w = pull(vw[0])[0], vw[1]
        return v, w + jnp.where(k % 2 == 0, 1.0, -1.0) / jnp.where(k <= 2, 1.0, 0.5 ** (k - 3.0)) * v
    _, w = jax.lax.fori_loop(1, n + 2 + 1, term, (probe, probe))
    g, moved = jax.jvp(partial(net, layers), (x,), (probe,))
    return g, jnp.sum(moved * w, -1)


def loss_of(parameters, tally, vectors, x, probes, lengths):
    total = 0.0
    for i, (gx, gz) in enumerate([[capped(*pair) for pair in zip(*block)] for block in zip(parameters, vectors)]):
        g, forward = value_and_log_det(gx, x, probes[2 * i], lengths[2 * i])
        x = solve(gz, x + g, tally)
        total = total + forward - value_and_log_det(gz, x, probes[2 * i + 1], lengths[2 * i + 1])[1]
    return -jnp.mean(total - 0.5 * jnp.sum(x * x, -1) - 0.5 * d * math.log(2 * math.pi))


def batch():
    """Draws rows from the distribution that peer.py uses."""
    if a.preset == 'tabular': return (mix[rng.integers(0, 8, a.batch)] + 0.3 * rng.standard_normal((a.batch, d))).astype('float32')
    x1 = rng.random(a.batch) * 4 - 2; x2 = rng.random(a.batch) - rng.integers(0, 2, a.batch) * 2 + np.floor(x1) % 2
    return np.stack([x1, x2], 1).astype('float32') * 2


class Training:
    def __init__(self):
        nets = [[initial_net() for _ in 'xz'] for _ in range(blocks)]
        parameters, vectors = [[[pair[i] for pair in block] for block in nets] for i in (0, 1)]
        refresh = lambda parameters, vectors, times: [[iterate(*pair, times) for pair in zip(*block)] for block in zip(parameters, vectors)]
        vectors = jax.jit(lambda p, v: refresh(p, v, 200))(parameters, vectors)
        # Weight decay as in PyTorch's Adam.
        adam = optax.chain(optax.add_decayed_weights(1e-5), optax.adam(1e-3, b1=0.9, b2=0.99))
        self.state = parameters, vectors, adam.init(parameters)
        self.loss = math.nan; self.clear()

        @partial(jax.jit, donate_argnums=0)
        def step(state, *rows):
            parameters, vectors, moments = state
            loss, (gradients, steps) = jax.value_and_grad(loss_of, (0, 1))(parameters, jnp.zeros(2), vectors, *rows)
            updates, moments = adam.update(gradients, moments, parameters); parameters = optax.apply_updates(parameters, updates)
            return (parameters, refresh(parameters, vectors, PRESET['power']), moments), loss, steps / blocks
        self.step = step

    def clear(self): self.steps, self.lengths = [], []

    def repeat(self):
        lengths = rng.geometric(0.5, 2 * blocks)
        probes = np.zeros(2 * blocks) if exact else (rng.integers(0, 2, (2 * blocks, a.batch, d)) * 2 - 1).astype('float32')
        self.state, loss, steps = self.step(self.state, batch(), probes, lengths)
        self.loss = float(loss); self.steps.append(np.asarray(steps)); self.lengths.append(lengths.mean())

    def conclusion(self):
        done = len(self.steps)
        if not done: return dict(loss=self.loss, steps=0)
        forward, adjoint = (float(n) for n in np.mean(self.steps, 0))
        # For each block, the loss evaluates two nets, and one net is linearized for the adjoint system. A solve
        # evaluates the net at its start and in each step.
        if exact: counts = dict(forward=forward + 3, products=d * (forward + 3), backward=2 * (1 + d) + 1)
        else: counts = dict(forward=forward + 3, products=2 * (float(np.mean(self.lengths)) + 3) + adjoint + 1, backward=5.0)
        weights = sum(w.size for block in self.state[0] for layers in block for w, _ in layers) // (2 * blocks)
        return dict(loss=self.loss, steps=done, solverSteps=dict(forward=forward, adjoint=None if exact else adjoint), counts=counts, weights=weights)


class Products:
    """Measures the speed of float32 matrix products. A repetition is 100 products [1000, 128] x [128, 128], one after the other."""
    operations = 100 * 2 * 1000 * 128 * 128

    def __init__(self):
        # An orthogonal matrix keeps the numbers in range.
        self.x = jnp.asarray(rng.standard_normal((1000, 128)), jnp.float32); self.w = jnp.asarray(np.linalg.qr(rng.standard_normal((128, 128)))[0], jnp.float32)
        self.product = jax.jit(lambda x, w: x @ w)

    def clear(self): pass

    def repeat(self):
        for _ in range(100): self.x = self.product(self.x, self.w)
        self.x.block_until_ready()

    def conclusion(self): return dict(operations=self.operations)


def repeat(times):
    seconds = []
    for _ in range(times):
        t = time.perf_counter(); work.repeat(); seconds.append(time.perf_counter() - t)
    return seconds


mix = rng.standard_normal((8, d)) * 2
work = Products() if a.products else Training()
begin, warm = time.perf_counter(), repeat(1)                           # compiles
patience = 8 if a.products else float('inf')    # all sides of a training make the same number of steps
while len(warm) < a.warmup and (len(warm) < 2 or time.perf_counter() - begin < patience): warm += repeat(1)
work.clear()
engine = 'jax ' + jax.__version__
if a.serve:
    print(json.dumps(dict(engine=engine, seconds=warm[-1])), flush=True)
    for line in sys.stdin: print(json.dumps(dict(seconds=repeat(int(line)))), flush=True)
    print(json.dumps(work.conclusion()), flush=True)
else:
    seconds = sorted(repeat(a.steps))
    settings = {} if a.products else dict(preset=a.preset, blocks=blocks, batch=a.batch, dim=d, logdet=PRESET['logdet'])
    print(json.dumps(dict(engine=engine, **settings, threads=a.threads, median_s=round(seconds[len(seconds) // 2], 5), **work.conclusion())))
