#!/usr/bin/env python3
"""PyTorch peer: an Implicit Normalizing Flow or a Residual Flow in PyTorch, for side-by-side timing with this library.

The model and the algorithm are those of Lu et al., "Implicit Normalizing Flows" (ICLR 2021), as the paper
describes them: x + g_x(x) = z + g_z(z); Broyden's method forward (tolerance 1e-6 rms) and for the adjoint
system; exact log-determinants (Jacobian by d vector-Jacobian products) when --logdet exact, the unbiased
Russian-roulette series with the Neumann gradient when --logdet roulette; spectral normalisation with a soft
cap, power iteration after every optimiser step.

  apt-get install python3-torch libopenblas0-openmp        # Debian; then
  env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE python3 tools/bench/peer.py --preset toy --batch 500 --steps 60

Prints one JSON line: median seconds per step, solver steps, net evaluations per block and step, the loss, the settings.
Evaluations are counted as in counting.mjs: `forward` passes of nets, `products` of their Jacobians with a vector per
sample, and `backward`: one product for each forward pass and each product that loss.backward() goes through.

  python3 tools/bench/peer.py --sample 10000 --weights checkpoint.safetensors --steps 5

draws rows from a checkpoint of this library whose blocks are all implicit, by inverting block after block with Broyden's
method to 1e-6 rms, and prints the median seconds and the round trip |f(f^-1(z)) - z|.

With --serve it does either when told, by lines on its input: see serve.mjs.
"""
import argparse, json, math, os, struct, sys, time

ap = argparse.ArgumentParser()
ap.add_argument('--preset', choices=['toy', 'tabular'], default='toy')
ap.add_argument('--arch', choices=['implicit', 'residual'], default='implicit')
ap.add_argument('--batch', type=int, default=500)
ap.add_argument('--steps', type=int, default=60, help='steps, or draws with --sample')
ap.add_argument('--warmup', type=int, default=100)
ap.add_argument('--threads', type=int, default=os.cpu_count())
ap.add_argument('--blocks', type=int)
ap.add_argument('--logdet', choices=['exact', 'roulette'])
ap.add_argument('--data', help='checkerboard (default for toy), or a .npy file of shape [N, d]')
ap.add_argument('--sample', type=int, help='rows to draw, instead of training')
ap.add_argument('--weights', help='checkpoint to draw from')
ap.add_argument('--seed', type=int, default=0)
ap.add_argument('--serve', action='store_true')
a = ap.parse_args()
os.environ.setdefault('OMP_NUM_THREADS', str(a.threads))
import numpy as np, torch
from torch import nn
torch.set_num_threads(a.threads); torch.manual_seed(a.seed); rng = np.random.default_rng(a.seed)

PRESET = {'toy': dict(dim=2, hidden=[128, 128], blocks=6, coeff=0.99, logdet='exact', power=20),
          'tabular': dict(dim=6, hidden=[128] * 4, blocks=20, coeff=0.99, logdet='roulette', power=5)}[a.preset]
blocks = a.blocks or (PRESET['blocks'] * (2 if a.arch == 'residual' else 1)); logdet = a.logdet or PRESET['logdet']
COUNT = dict(forward=0, products=0, backward=0)
STEPS = {'forward': [], 'backward': [], 'inverse': []}


class Dense(nn.Module):
    """Linear layer with spectral norm softly capped at `coeff`: W / max(1, sigma / coeff)."""
    def __init__(self, n_in, n_out, coeff, zero=False):
        super().__init__()
        b = 1 / math.sqrt(n_in)
        self.w = nn.Parameter(torch.empty(n_out, n_in).uniform_(-b, b) * (1e-3 if zero else 1)); self.b = nn.Parameter(torch.zeros(n_out))
        self.u = torch.randn(n_out); self.v = torch.randn(n_in); self.coeff = coeff; self.iterate(200)

    @torch.no_grad()
    def iterate(self, n):
        for _ in range(n):
            v = self.w.t() @ self.u; v = v / (v.norm() + 1e-12)
            u = self.w @ v; self.u = u / (u.norm() + 1e-12); self.v = v

    def forward(self, x):
        sigma = torch.dot(self.u, self.w @ self.v)
        return torch.nn.functional.linear(x, self.w / torch.clamp(sigma / self.coeff, min=1.0), self.b)


class Sin(nn.Module):
    def forward(self, x): return torch.sin(2 * math.pi * x) / (2 * math.pi)


class Net(nn.Sequential):
    """Counts its forward passes; `off_loss` is one that the loss does not go through, although it has a graph."""
    def forward(self, x):
        COUNT['backward'] += torch.is_grad_enabled()
        return self.off_loss(x)

    def off_loss(self, x):
        COUNT['forward'] += 1
        return super().forward(x)


def product(y, x, v, on_loss=False):
    """J^T v of y with respect to x; `on_loss`: part of what the loss differentiates."""
    COUNT['products'] += 1; COUNT['backward'] += on_loss
    return torch.autograd.grad(y, x, v, retain_graph=True, create_graph=on_loss)[0]


def net(d):
    dims = [d, *PRESET['hidden'], d]; layers = []
    for i, (m, n) in enumerate(zip(dims[:-1], dims[1:])):
        if i: layers.append(Sin())
        layers.append(Dense(m, n, PRESET['coeff'], zero=i == len(dims) - 2))
    return Net(*layers)


def broyden(f, x, tol, limit):
    """Good Broyden for f(x) = 0, x [B, d], inverse Jacobian started at the identity. Best iterate kept."""
    fx = f(x); U, V = [], []; best, low, k = x, float(fx.norm()), 0; tol = tol * math.sqrt(x.numel())
    H = lambda v: v + sum((u * (w * v).sum(1, keepdim=True) for u, w in zip(U, V)), torch.zeros_like(v))
    HT = lambda v: v + sum((w * (u * v).sum(1, keepdim=True) for u, w in zip(U, V)), torch.zeros_like(v))
    step = -fx
    while low > tol and k < limit:
        x = x + step; new = f(x); df = new - fx; fx = new; k += 1
        n = float(fx.norm())
        if n < low: best, low = x, n
        w = HT(step); den = (w * df).sum(1, keepdim=True); ok = den.abs() > 1e-30
        U.append(torch.where(ok, (step - H(df)) / torch.where(ok, den, torch.ones_like(den)), torch.zeros_like(step))); V.append(w)
        step = -H(fx)
    return best, k


def jacobian(g, x):
    return torch.stack([product(g[:, i].sum(), x, None, on_loss=True) for i in range(x.shape[1])], 1)


def log_det(g, x):
    """log det(I + J) per sample, on the graph. g is the net's output at x."""
    d = x.shape[1]
    if logdet == 'exact':
        J = jacobian(g, x) + torch.eye(d)
        return torch.log(J[:, 0, 0] * J[:, 1, 1] - J[:, 0, 1] * J[:, 1, 0]) if d == 2 else torch.linalg.slogdet(J)[1]
    n = rng.geometric(0.5); eps = torch.randint(0, 2, x.shape).float() * 2 - 1; v = w = eps
    for k in range(1, n + 2 + 1):                                      # two exact terms, then roulette
        v = product(g, x, v)
        w = w + (-1) ** k / (1 if k <= 2 else 0.5 ** (k - 3)) * v
    return (product(g, x, w.detach(), on_loss=True) * eps).sum(1)


class Adjoint(torch.autograd.Function):
    """Identity whose backward solves (I + J_z)^T y = dy."""
    @staticmethod
    def forward(ctx, h, z, gz): ctx.save_for_backward(z); ctx.gz = gz; return z.clone()
    @staticmethod
    def backward(ctx, dy):
        z = ctx.saved_tensors[0].detach().requires_grad_()
        with torch.enable_grad(): F = z + ctx.gz.off_loss(z)
        y, k = broyden(lambda y: product(F, z, y) - dy, dy.clone(), 1e-6 * float(dy.norm()) / math.sqrt(dy.numel()), 30)
        STEPS['backward'].append(k); return y, None, None


class Implicit(nn.Module):
    def __init__(self, d): super().__init__(); self.gx, self.gz = net(d), net(d)
    def forward(self, x, ld):
        x = x if x.requires_grad else x.requires_grad_()
        with torch.no_grad():
            h = x + self.gx(x); z, k = broyden(lambda z: z + self.gz(z) - h, h.clone(), 1e-6, 30)
        STEPS['forward'].append(k)
        gx = self.gx(x); z = Adjoint.apply(x + gx - self.gz(z), z, self.gz)
        return z, ld + log_det(gx, x) - log_det(self.gz(z), z)


class Residual(nn.Module):
    def __init__(self, d): super().__init__(); self.g = net(d)
    def forward(self, x, ld):
        x = x if x.requires_grad else x.requires_grad_(); g = self.g(x)
        return x + g, ld + log_det(g, x)


def batch():
    if a.data and a.data != 'checkerboard': return torch.from_numpy(rows[rng.integers(0, len(rows), a.batch)])
    if a.preset == 'tabular': return torch.from_numpy((mix[rng.integers(0, 8, a.batch)] + 0.3 * rng.standard_normal((a.batch, d))).astype('float32'))
    x1 = rng.random(a.batch) * 4 - 2; x2 = rng.random(a.batch) - rng.integers(0, 2, a.batch) * 2 + np.floor(x1) % 2
    return torch.from_numpy(np.stack([x1, x2], 1).astype('float32') * 2)


def read_checkpoint(path):
    """The spec and the weights of a checkpoint: safetensors, that is 8 bytes of length, a JSON header and raw data."""
    with open(path, 'rb') as file: raw = file.read()
    size = struct.unpack('<Q', raw[:8])[0]; header = json.loads(raw[8:8 + size])
    spec = json.loads(header.pop('__metadata__')['impflow'])['spec']
    best = 'best.' if any(name.startswith('best.parameters.') for name in header) else ''
    def tensor(name):
        if name not in header: sys.exit(f'[bench/peer] {path} lacks {name}: expected a checkpoint of implicit blocks.')
        entry = header[name]; begin, end = entry['data_offsets']
        return torch.from_numpy(np.frombuffer(raw[8 + size + begin:8 + size + end], dtype='<f4').reshape(entry['shape']).copy())
    return spec, lambda kind, name: tensor(f'{best}{kind}.{name}')


def capped_net(path, spec, get):
    """A net with its caps applied once: nothing changes them while sampling. Dense layers at even places."""
    if spec['activation']['name'] != 'sin' or spec.get('preactivation'): sys.exit(f'[bench/peer] {path}: expected nets of dense layers and sin, got {json.dumps(spec)}.')
    layers = []
    for i in range(len(spec['hidden']) + 1):
        at = f'{path}.layers.{2 * i}.'
        w, b, u, v = get('parameters', at + 'weight'), get('parameters', at + 'bias'), get('buffers', at + 'u'), get('buffers', at + 'v')
        linear = nn.Linear(w.shape[1], w.shape[0]); sigma = float(torch.dot(u, w @ v))
        linear.weight.data = w / max(1.0, sigma / spec['coeff']); linear.bias.data = b
        layers += ([Sin()] if i else []) + [linear]
    return Net(*layers)


class Sampler:
    """x + g_x(x) = z + g_z(z), solved for x from the last block to the first."""
    def __init__(self, path):
        spec, get = read_checkpoint(path)
        kinds = {block['kind'] for block in spec['blocks']}
        if kinds != {'implicit'} or spec['base']['name'] != 'normal': sys.exit(f'[bench/peer] {path}: expected implicit blocks on a normal base, got {", ".join(sorted(kinds))} on {spec["base"]["name"]}.')
        self.dim = spec['dim']
        self.nets = [[capped_net(f'blocks.{i}.{g}', block[g], get) for g in ('gx', 'gz')] for i, block in enumerate(spec['blocks'])]

    def solve(self, known, unknown, y, phase):
        h = y + known(y); x, k = broyden(lambda x: x + unknown(x) - h, h.clone(), 1e-6, 200)
        STEPS[phase].append(k); return x

    @torch.no_grad()
    def decode(self, z):
        for gx, gz in reversed(self.nets): z = self.solve(gz, gx, z, 'inverse')
        return z

    @torch.no_grad()
    def encode(self, x):
        for gx, gz in self.nets: x = self.solve(gx, gz, x, 'forward')
        return x

    def round_trip(self, rows):
        z = torch.randn(rows, self.dim); gap = (self.encode(self.decode(z)) - z).abs()
        return dict(max=float(gap.max()), rms=float(gap.square().mean().sqrt()))


def train_step():
    global loss
    x = batch(); z, ld = x, torch.zeros(a.batch)
    for b in model: z, ld = b(z, ld)
    loss = -(ld - 0.5 * (z ** 2).sum(1) - 0.5 * d * math.log(2 * math.pi)).mean()
    opt.zero_grad(); loss.backward(); opt.step()
    for m in dense: m.iterate(PRESET['power'])


def conclusion():
    steps = {k: round(sum(v) / len(v), 2) for k, v in STEPS.items() if v}
    if a.sample: return dict(solverSteps=steps, roundTrip=sampler.round_trip(a.sample))
    return dict(loss=float(loss), steps=done, solverSteps=dict(forward=steps.get('forward'), adjoint=steps.get('backward')),
        counts={k: n / blocks / max(1, done) for k, n in COUNT.items()}, weights=sum(m.w.numel() for m in dense[:len(PRESET['hidden']) + 1]))


def repeat(times):
    global done
    seconds = []
    for _ in range(times):
        t = time.perf_counter()
        if a.sample: sampler.decode(torch.randn(a.sample, sampler.dim))
        else: train_step()
        seconds.append(time.perf_counter() - t)
    done += times
    return seconds


if a.sample:
    sampler = Sampler(a.weights)
else:
    rows = np.load(a.data).astype('float32') if a.data and a.data.endswith('.npy') else None
    d = rows.shape[1] if rows is not None else PRESET['dim']; mix = rng.standard_normal((8, d)) * 2
    model = nn.ModuleList([(Implicit if a.arch == 'implicit' else Residual)(d) for _ in range(blocks)])
    dense = [m for m in model.modules() if isinstance(m, Dense)]; opt = torch.optim.Adam(model.parameters(), lr=1e-3, betas=(0.9, 0.99), weight_decay=1e-5)

done, loss = 0, math.nan
begin, warm = time.perf_counter(), []
while len(warm) < a.warmup and (len(warm) < 2 or time.perf_counter() - begin < 8): warm += repeat(1)
done = 0
for record in STEPS.values(): record.clear()
for kind in COUNT: COUNT[kind] = 0
engine = 'pytorch ' + torch.__version__
if a.serve:
    print(json.dumps(dict(engine=engine, seconds=warm[-1])), flush=True)
    for line in sys.stdin: print(json.dumps(dict(seconds=repeat(int(line)))), flush=True)
    print(json.dumps(conclusion()), flush=True)
else:
    seconds = sorted(repeat(a.steps))
    settings = dict(rows=a.sample) if a.sample else dict(preset=a.preset, arch=a.arch, blocks=blocks, batch=a.batch, dim=d, logdet=logdet, params=sum(p.numel() for p in model.parameters()))
    print(json.dumps(dict(engine=engine, **settings, threads=a.threads, median_s=round(seconds[len(seconds) // 2], 5), **conclusion())))
