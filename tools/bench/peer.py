#!/usr/bin/env python3
"""PyTorch peer: an Implicit Normalizing Flow or a Residual Flow in PyTorch, for side-by-side timing with this library.

Model and algorithm follow the paper Lu et al., "Implicit Normalizing Flows" (ICLR 2021). A block solves x + g_x(x) = z
+ g_z(z). Broyden's method (tolerance 1e-6 rms) solves the forward equation and the adjoint system. With --logdet exact,
log-determinants are exact (Jacobian by d vector-Jacobian products). With --logdet roulette, log-determinants are
estimated by the unbiased Russian-roulette series with the Neumann gradient. Spectral normalisation has a soft cap, with
power iteration after every optimiser step. --preset image is the paper's model of images: see `image_model`.

  npm run setup:rivals
  node_modules/.cache/rivals/bin/python tools/bench/peer.py --preset toy --batch 500 --steps 60
  node_modules/.cache/rivals/bin/python tools/bench/peer.py --preset image --data digits.npy --steps 20

Prints one JSON line: median seconds per step, solver steps, net evaluations per block and step, the loss, the settings,
and `weights`. `weights` is the number of multiplications in one pass of a net for one sample, as the mean over all
nets. Evaluations are counted as in counting.mjs: `forward` passes of nets, `products` of their Jacobians with a vector
per sample, and `backward`: one product for each forward pass and each product that loss.backward() goes through.

  node_modules/.cache/rivals/bin/python tools/bench/peer.py --sample 10000 --weights checkpoint.safetensors --steps 5

draws rows from a checkpoint of this library in which all blocks are implicit. The program inverts block after block
with Broyden's method to 1e-6 rms, and prints the median seconds and the round-trip error |f(f^-1(z)) - z|.

With --products the program only multiplies matrices: see `Products`. With --serve the program repeats its work on request, by lines on its standard input: see serve.mjs.
"""
import argparse, json, math, os, shutil, struct, sys, time

ap = argparse.ArgumentParser()
ap.add_argument('--preset', choices=['toy', 'tabular', 'image'], default='toy')
ap.add_argument('--arch', choices=['implicit', 'residual'], default='implicit')
ap.add_argument('--batch', type=int, help='500, of images 64')
ap.add_argument('--steps', type=int, default=60, help='steps, or draws with --sample')
ap.add_argument('--warmup', type=int, default=100)
ap.add_argument('--threads', type=int, default=os.cpu_count())
ap.add_argument('--blocks', type=int, help='number of blocks; for images, in each scale. Default: two residual blocks for each implicit block of the preset')
ap.add_argument('--coeff', type=float, help='cap on the norm of each layer')
ap.add_argument('--image', default='28,28,1', help='height, width, channels')
ap.add_argument('--scales', type=int, default=2)
ap.add_argument('--hidden', type=int, default=32, help='channels within the nets of images')
ap.add_argument('--activation', choices=['swish', 'elu', 'sin'], default='swish', help='of the nets of images')
ap.add_argument('--logdet', choices=['exact', 'roulette'])
ap.add_argument('--data', help='checkerboard (default for toy), or a .npy file of shape [N, d]: of images rows in the order of --image, grey levels plus noise in [0, 256)')
ap.add_argument('--sample', type=int, help='rows to draw, instead of training')
ap.add_argument('--weights', help='checkpoint to draw from')
ap.add_argument('--products', action='store_true', help='multiply matrices, instead of training')
ap.add_argument('--compile', action=argparse.BooleanOptionalAction, help='passes without a gradient by torch.compile: see `Net`. Left out: with --sample, where a C++ compiler is found')
ap.add_argument('--seed', type=int, default=0)
ap.add_argument('--serve', action='store_true')
a = ap.parse_args()
if a.compile is None: a.compile = a.sample is not None and shutil.which(os.environ.get('CXX', 'g++')) is not None
os.environ.setdefault('OMP_NUM_THREADS', str(a.threads))
import numpy as np, torch
from torch import nn
from torch.nn import functional as F
torch.set_num_threads(a.threads); torch.manual_seed(a.seed); rng = np.random.default_rng(a.seed)

PRESET = {'toy': dict(dim=2, hidden=[128, 128], blocks=6, coeff=0.99, logdet='exact', power=20),
          'tabular': dict(dim=6, hidden=[128] * 4, blocks=20, coeff=0.99, logdet='roulette', power=5),
          'image': dict(hidden=[a.hidden] * 2, blocks=4, coeff=0.9, logdet='roulette', power=5)}[a.preset]
image = a.preset == 'image'; scales = a.scales if image else 1; a.batch = a.batch or (64 if image else 500)
per_scale = a.blocks or PRESET['blocks'] * (2 if a.arch == 'residual' else 1); blocks = per_scale * scales
logdet = a.logdet or PRESET['logdet']; coeff = a.coeff or PRESET['coeff']
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


class Conv(nn.Module):
    """Convolution that keeps the size of its images, with the norm capped as in `Dense`: sigma = <u, W v> is
    the norm of the whole map, with zero padding. sigma is linear in W, so with the gradient for constant u and v it
    costs a dot product in every pass, not a convolution."""
    def __init__(self, n_in, n_out, kernel, size, zero=False):
        super().__init__()
        b = 1 / math.sqrt(n_in * kernel ** 2); self.pad = kernel // 2; self.pixels = size[0] * size[1]
        self.w = nn.Parameter(torch.empty(n_out, n_in, kernel, kernel).uniform_(-b, b) * (1e-3 if zero else 1)); self.b = nn.Parameter(torch.zeros(n_out))
        at = size if kernel > 1 else (1, 1)                                # 1x1 is the same matrix at every pixel
        self.u = torch.randn(1, n_out, *at); self.v = torch.randn(1, n_in, *at); self.iterate(200)

    @torch.no_grad()
    def iterate(self, n):
        for _ in range(n):
            v = F.conv_transpose2d(self.u, self.w, padding=self.pad); v = v / (v.norm() + 1e-12)
            u = F.conv2d(v, self.w, padding=self.pad); self.u = u / (u.norm() + 1e-12); self.v = v
        self.slope = nn.grad.conv2d_weight(self.v, self.w.shape, self.u, padding=self.pad)

    def forward(self, x):
        sigma = torch.dot(self.slope.flatten(), self.w.flatten())
        return F.conv2d(x, self.w / torch.clamp(sigma / coeff, min=1.0), self.b, padding=self.pad)


class Sin(nn.Module):
    def forward(self, x): return torch.sin(2 * math.pi * x) / (2 * math.pi)


class LipSwish(nn.Module):
    """Computes x sigmoid(b x) / 1.1 with b = softplus(beta), by PyTorch's fused product."""
    def __init__(self): super().__init__(); self.beta = nn.Parameter(torch.tensor(0.5))
    def forward(self, x): b = F.softplus(self.beta); return F.silu(b * x) * (1 / (1.1 * b))


class Net(nn.Sequential):
    """Net that counts its forward passes. `off_loss` marks a pass that has a graph, but that the loss does not use.

    torch.compile (2.15.0, g++ 12) cannot differentiate twice, which the log-determinants need ("does not currently support double backward").
    So --compile applies only to passes without a gradient. The time with --compile divided by the time without it,
    measured in turns on a machine with other work, is 0.98 (a step of toy, batch 500, 1 and 2 threads, and of tabular,
    batch 1000, 2 threads), 0.93 (a step of toy, batch 5000, 1 thread) and 0.27 (sampling, 1 thread). A gain of 2 %
    cannot be measured reliably on such a machine, so --compile is off for training, and on for sampling. If the adjoint
    passes were also compiled, a step took 3.5 times as long (one run).
    """
    def forward(self, x):
        COUNT['backward'] += torch.is_grad_enabled()
        return self.off_loss(x)

    def off_loss(self, x):
        COUNT['forward'] += 1
        return compiled(self, x) if a.compile and not torch.is_grad_enabled() else super().forward(x)


def chain(layers, x):
    for layer in layers: x = layer(x)
    return x


# All nets of the same shape share this function.
compiled = torch.compile(chain) if a.compile else None


def product(y, x, v, on_loss=False):
    """Returns J^T v, where J is the Jacobian of y with respect to x. `on_loss`: whether the loss differentiates J^T v."""
    COUNT['products'] += 1; COUNT['backward'] += on_loss
    return torch.autograd.grad(y, x, v, retain_graph=True, create_graph=on_loss)[0]


def net(shape, first):
    return net_of_images(shape, first) if image else net_of_rows(*shape)


def net_of_rows(d):
    dims = [d, *PRESET['hidden'], d]; layers = []
    for i, (m, n) in enumerate(zip(dims[:-1], dims[1:])):
        if i: layers.append(Sin())
        layers.append(Dense(m, n, coeff, zero=i == len(dims) - 2))
    return Net(*layers)


def net_of_images(shape, first):
    """Net of convolutions 3x3, 1x1, 3x3. The last layer is almost zero at the start, as in the nets of tables. All nets except the nets of the first block begin with an activation."""
    (c, *size), act = shape, dict(swish=LipSwish, elu=nn.ELU, sin=Sin)[a.activation]
    layers = [act(), Conv(c, a.hidden, 3, size), act(), Conv(a.hidden, a.hidden, 1, size), act(), Conv(a.hidden, c, 3, size, zero=True)]
    return Net(*layers[first:])


def dot(u, v):
    """Reshapes one number per sample to [B, 1, ...], which can multiply a batch of samples."""
    return (u * v).sum(tuple(range(1, u.dim())), keepdim=True)


def broyden(f, x, tol, limit):
    """Solves f(x) = 0 for x [B, ...] by Broyden's good method. The inverse Jacobian starts as the identity.
    Returns the best iterate and the number of steps."""
    fx = f(x); U, V = [], []; best, low, k = x, float(fx.norm()), 0; tol = tol * math.sqrt(x.numel())
    H = lambda v: v + sum((u * dot(w, v) for u, w in zip(U, V)), torch.zeros_like(v))
    HT = lambda v: v + sum((w * dot(u, v) for u, w in zip(U, V)), torch.zeros_like(v))
    step = -fx
    while low > tol and k < limit:
        x = x + step; new = f(x); df = new - fx; fx = new; k += 1
        n = float(fx.norm())
        if n < low: best, low = x, n
        w = HT(step); den = dot(w, df); ok = den.abs() > 1e-30
        U.append(torch.where(ok, (step - H(df)) / torch.where(ok, den, torch.ones_like(den)), torch.zeros_like(step))); V.append(w)
        step = -H(fx)
    return best, k


def jacobian(g, x):
    return torch.stack([product(gi.sum(), x, None, on_loss=True).flatten(1) for gi in g.flatten(1).unbind(1)], 1)


def log_det(g, x):
    """Returns log det(I + J) of each sample, recorded on the graph. g is the net's output at x."""
    d = x[0].numel()
    if logdet == 'exact':
        J = jacobian(g, x) + torch.eye(d)
        return torch.log(J[:, 0, 0] * J[:, 1, 1] - J[:, 0, 1] * J[:, 1, 0]) if d == 2 else torch.linalg.slogdet(J)[1]
    n = rng.geometric(0.5); eps = torch.randint_like(x, 2) * 2 - 1; v = w = eps; value = 0
    for k in range(1, n + 2 + 1):                                      # two exact terms, then roulette
        v = product(g, x, v); c = (-1) ** k / (1 if k <= 2 else 0.5 ** (k - 3))
        w = w + c * v
        if image: value = value - c / k * dot(v, eps)
    neumann = dot(product(g, x, w.detach(), on_loss=True), eps)
    return (neumann + (value - neumann.detach()) if image else neumann).flatten()    # for images, the value too is the log-det


class Adjoint(torch.autograd.Function):
    """Identity function whose backward pass solves (I + J_z)^T y = dy."""
    @staticmethod
    def forward(ctx, h, z, gz): ctx.save_for_backward(z); ctx.gz = gz; return z.clone()
    @staticmethod
    def backward(ctx, dy):
        z = ctx.saved_tensors[0].detach().requires_grad_()
        with torch.enable_grad(): F = z + ctx.gz.off_loss(z)
        y, k = broyden(lambda y: product(F, z, y) - dy, dy.clone(), 1e-6 * float(dy.norm()) / math.sqrt(dy.numel()), 30)
        STEPS['backward'].append(k); return y, None, None


class Implicit(nn.Module):
    def __init__(self, shape, first): super().__init__(); self.gx, self.gz = net(shape, first), net(shape, first)
    def forward(self, x, ld):
        x = x if x.requires_grad else x.requires_grad_()
        with torch.no_grad():
            h = x + self.gx(x); z, k = broyden(lambda z: z + self.gz(z) - h, h.clone(), 1e-6, 30)
        STEPS['forward'].append(k)
        gx = self.gx(x); z = Adjoint.apply(x + gx - self.gz(z), z, self.gz)
        return z, ld + log_det(gx, x) - log_det(self.gz(z), z)


class Residual(nn.Module):
    def __init__(self, shape, first): super().__init__(); self.g = net(shape, first)
    def forward(self, x, ld):
        x = x if x.requires_grad else x.requires_grad_(); g = self.g(x)
        return x + g, ld + log_det(g, x)


class Pixels(nn.Module):
    """Maps rows of gray levels in [0, 256) to images in R^d: logit of s = alpha + (1 - 2 alpha) x / 256, with the published alpha."""
    def forward(self, x, ld):
        alpha = 1e-6 if size[2] == 1 else 0.05; s = alpha + (1 - 2 * alpha) / 256 * x; z = torch.log(s) - torch.log(1 - s)
        return z.view(-1, *size).permute(0, 3, 1, 2), ld + (math.log((1 - 2 * alpha) / 256) - torch.log(s) - torch.log(1 - s)).sum(1)


class Squeeze(nn.Module):
    """Maps 2x2 pixels to one pixel with four times the channels. After this squeeze the channels are last in memory, which is faster in every layer."""
    def forward(self, x, ld): return F.pixel_unshuffle(x, 2).contiguous(memory_format=torch.channels_last), ld


class ActNorm(nn.Module):
    """Computes (x + b) exp(s) per channel. b and s are initialized so that the first batch gets mean 0 and variance 1."""
    def __init__(self, shape): super().__init__(); self.b = nn.Parameter(torch.zeros(shape[0], 1, 1)); self.s = nn.Parameter(torch.zeros(shape[0], 1, 1)); self.fresh = True
    def forward(self, x, ld):
        if self.fresh:
            var, mean = torch.var_mean(x.detach(), (0, 2, 3)); self.fresh = False
            self.b.data[:, 0, 0] = -mean; self.s.data[:, 0, 0] = -0.5 * torch.log(var.clamp(min=0.2))
        return (x + self.b) * torch.exp(self.s), ld + x[0, 0].numel() * self.s.sum()


def image_model(Block):
    """Returns the model of images: logit and act-norm, then for each scale a squeeze and blocks, each followed by an act-norm. All dimensions pass through all scales."""
    h, w, c = size; layers = [Pixels(), ActNorm((c, h, w))]
    for i in range(scales):
        h, w, c = h // 2, w // 2, 4 * c; layers.append(Squeeze())
        for k in range(per_scale): layers += [Block((c, h, w), first=i == k == 0), ActNorm((c, h, w))]
    return nn.ModuleList(layers)


def grey_levels(n):
    """Draws images that resemble digits: a fifth of the pixels lie in smooth blobs, the other pixels are black, and all pixels have uniform noise."""
    field = rng.standard_normal((n, *size))
    for axis in (1, 2): field = sum(np.roll(field, i, axis) for i in range(-2, 3))
    return (np.clip(300 * (field / field.std() - 0.85), 0, 255) + rng.random(field.shape)).reshape(n, d).astype('float32')


def batch():
    if rows is not None: return torch.from_numpy(rows[rng.integers(0, len(rows), a.batch)])
    if a.preset == 'tabular': return torch.from_numpy((mix[rng.integers(0, 8, a.batch)] + 0.3 * rng.standard_normal((a.batch, d))).astype('float32'))
    x1 = rng.random(a.batch) * 4 - 2; x2 = rng.random(a.batch) - rng.integers(0, 2, a.batch) * 2 + np.floor(x1) % 2
    return torch.from_numpy(np.stack([x1, x2], 1).astype('float32') * 2)


def read_checkpoint(path):
    """Returns the spec and the weights of a checkpoint in safetensors format: 8 bytes of length, a JSON header and raw data."""
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
    """Returns a net whose caps are applied once, because the weights do not change while sampling. Dense layers have even indices."""
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
    """Solves x + g_x(x) = z + g_z(z) for x, from the last block to the first."""
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


class Products:
    """Measures the speed of float32 matrix products. A repetition is 100 products [1000, 128] x [128, 128], one after the other."""
    operations = 100 * 2 * 1000 * 128 * 128

    def __init__(self):
        # An orthogonal matrix keeps the numbers in range.
        self.x = torch.randn(1000, 128); self.w = torch.linalg.qr(torch.randn(128, 128))[0].contiguous()

    @torch.no_grad()
    def repeat(self):
        for _ in range(100): self.x = self.x @ self.w


def train_step():
    global loss
    x = batch(); z, ld = x, torch.zeros(a.batch)
    for b in model: z, ld = b(z, ld)
    loss = -(ld - 0.5 * dot(z, z).flatten() - 0.5 * d * math.log(2 * math.pi)).mean()
    opt.zero_grad(); loss.backward(); opt.step()
    for m in linear: m.iterate(PRESET['power'])


def conclusion():
    steps = {k: round(sum(v) / len(v), 2) for k, v in STEPS.items() if v}
    if a.products: return dict(operations=multiplying.operations)
    if a.sample: return dict(solverSteps=steps, roundTrip=sampler.round_trip(a.sample))
    bits = dict(bitsPerDimension=float(loss.detach()) / d / math.log(2)) if image else {}
    return dict(loss=float(loss.detach()), **bits, steps=done, solverSteps=dict(forward=steps.get('forward'), adjoint=steps.get('backward')),
        counts={k: n / blocks / max(1, done) for k, n in COUNT.items()}, weights=sum(m.w.numel() * getattr(m, 'pixels', 1) for m in linear) // nets)


def repeat(times):
    global done
    seconds = []
    for _ in range(times):
        t = time.perf_counter()
        if a.products: multiplying.repeat()
        elif a.sample: sampler.decode(torch.randn(a.sample, sampler.dim))
        else: train_step()
        seconds.append(time.perf_counter() - t)
    done += times
    return seconds


if a.products:
    multiplying = Products()
elif a.sample:
    sampler = Sampler(a.weights)
else:
    Block = Implicit if a.arch == 'implicit' else Residual
    size = [int(n) for n in a.image.split(',')]; d = math.prod(size) if image else PRESET['dim']
    if image and (len(size) != 3 or size[0] % 2 ** scales or size[1] % 2 ** scales): ap.error(f'--image {a.image}: expected height, width and channels, the first two divisible by {2 ** scales}')
    rows = np.load(a.data).astype('float32') if a.data and a.data.endswith('.npy') else grey_levels(4096) if image else None
    if image and rows.shape[1] != d: ap.error(f'--data {a.data}: expected rows of {d} pixels, got {rows.shape[1]}')
    if rows is not None: d = rows.shape[1]
    mix = rng.standard_normal((8, d)) * 2
    model = image_model(Block) if image else nn.ModuleList([Block([d], first=i == 0) for i in range(blocks)])
    linear = [m for m in model.modules() if isinstance(m, (Dense, Conv))]; nets = sum(isinstance(m, Net) for m in model.modules())
    opt = torch.optim.Adam(model.parameters(), lr=1e-3, betas=(0.9, 0.99), weight_decay=1e-5)

done, loss = 0, torch.tensor(math.nan)
begin, warm = time.perf_counter(), []
patience = 8 if a.products or a.sample else math.inf    # all sides of a training make the same number of steps
while len(warm) < a.warmup and (len(warm) < 2 or time.perf_counter() - begin < patience): warm += repeat(1)
done = 0
for record in STEPS.values(): record.clear()
for kind in COUNT: COUNT[kind] = 0
engine = 'pytorch ' + torch.__version__ + (', compiled' if a.compile else '')
if a.serve:
    print(json.dumps(dict(engine=engine, seconds=warm[-1])), flush=True)
    for line in sys.stdin: print(json.dumps(dict(seconds=repeat(int(line)))), flush=True)
    print(json.dumps(conclusion()), flush=True)
else:
    seconds = sorted(repeat(a.steps))
    shape = dict(image=size, scales=scales, hidden=a.hidden, activation=a.activation, coeff=coeff) if image else {}
    settings = {} if a.products else dict(rows=a.sample) if a.sample else dict(preset=a.preset, arch=a.arch, blocks=blocks, batch=a.batch, dim=d, logdet=logdet, **shape, params=sum(p.numel() for p in model.parameters()))
    print(json.dumps(dict(engine=engine, **settings, threads=a.threads, median_s=round(seconds[len(seconds) // 2], 5), **conclusion())))
