"""Densities of a flow on rows, computed by PyTorch alone from what load.py reads; docs/pytorch.md shows this file."""
import json, math, torch

class Sin(torch.nn.Module):
    def forward(self, x): return torch.sin(2 * math.pi * x) / (2 * math.pi)

class Swish(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.beta = torch.nn.Parameter(torch.zeros(1))
    def forward(self, x): return x * torch.sigmoid(x * torch.nn.functional.softplus(self.beta)) / 1.1

ACTIVATIONS = {'sin': Sin, 'lipSwish': Swish, 'elu': torch.nn.ELU, 'tanh': torch.nn.Tanh, 'relu': torch.nn.ReLU}

def net(state, prefix, metadata):
    """A contraction g as a Sequential; W / max(1, sigma / coeff) with sigma = u W v is the weight that a layer uses."""
    own = {name[len(prefix):]: tensor.double() for name, tensor in state.items() if name.startswith(prefix)}
    for name in [name for name in own if name.endswith('.u')]:
        layer = name[:-2]
        u, v, weight = own.pop(name), own.pop(f'{layer}.v'), own[f'{layer}.weight']
        own[f'{layer}.weight'] = weight / max(1, float(u @ weight @ v) / float(metadata['coeff']))
    places = sorted(int(name.split('.')[0]) for name in own if name.endswith('.weight'))
    layers = {place: torch.nn.Linear(*reversed(own[f'{place}.weight'].shape)) for place in places}
    g = torch.nn.Sequential(*(layers.get(i) or ACTIVATIONS[metadata['activation']]() for i in range(places[-1] + 1))).double()
    g.load_state_dict(own)
    return g

def mapped(column_map, x):
    """A column after its map, and the logarithm of the slope of the map."""
    kind = column_map['map']
    if kind == 'log':
        return torch.log(x - column_map['lower']), -torch.log(x - column_map['lower'])
    if kind == 'logit':
        below, above = x - column_map['lower'], column_map['upper'] - x
        return torch.log(below / above), torch.log(1 / below + 1 / above)
    if kind == 'asinh':
        t = (x - column_map['center']) / column_map['scale']
        return torch.asinh(t), -torch.log(column_map['scale'] * torch.sqrt(1 + t * t))
    return x, torch.zeros_like(x)

def log_det(g, x):
    jacobians = torch.stack([torch.autograd.functional.jacobian(g, row) for row in x])
    return torch.logdet(torch.eye(x.shape[1]).double() + jacobians)

def log_prob(state, metadata, x):
    """log p(x) of rows by implicit blocks z + g_z(z) = x + g_x(x), residual blocks, act-norms and maps of columns, with a standard normal base and its tail."""
    spec = json.loads(metadata['spec'])
    known = {'columnMaps', 'standardize', 'implicit', 'residual', 'actNorm'}
    assert spec['base']['name'] == 'normal' and not spec.get('context') and {block['kind'] for block in spec['blocks']} <= known, 'This loader knows fewer layers than the flow has.'
    dequantized, offsets = (json.loads(metadata.get(name, '{}')) for name in ('dequantized', 'offsets'))
    x = x + torch.tensor([dequantized.get(name, 0) / 2 - offsets.get(name, 0) for name in json.loads(metadata['columns'])], dtype=torch.float64)
    total, place = torch.zeros(len(x)).double(), 0
    for block in spec['blocks']:
        if block['kind'] == 'columnMaps':
            columns, slopes = zip(*map(mapped, block['maps'], x.T))
            x, total = torch.stack(columns, 1), total + sum(slopes)
            continue
        if block['kind'] == 'standardize':
            mean, scale = (torch.tensor(block[name]).double() for name in ('mean', 'scale'))
            x, total = (x - mean) / scale, total - torch.log(scale).sum()
            continue
        chain, place = f'chain.{place}.', place + 1
        if block['kind'] == 'actNorm':
            weight, bias = (state[chain + name].double() for name in ('weight', 'bias'))
            x, total = (x + bias) * torch.exp(weight), total + weight.sum()
            continue
        g = net(state, chain + ('nnet_x.' if block['kind'] == 'implicit' else 'nnet.'), metadata)
        z = h = (x + g(x)).detach()
        total = total + log_det(g, x)
        if block['kind'] == 'implicit':
            gz = net(state, chain + 'nnet_z.', metadata)
            for _ in range(2000):
                z = (h - gz(z)).detach()
            total = total - log_det(gz, z)
        x = z
    base = torch.distributions.Normal(0., 1.).log_prob(x).sum(1)
    if 'tail' in spec:
        weight, scale = (torch.tensor(spec['tail'][name]).double() for name in ('weight', 'scale'))
        broad = torch.distributions.Normal(0., scale).log_prob(x).sum(1)
        base = torch.logaddexp(torch.log1p(-weight) + base, torch.log(weight) + broad)
    return total + base
