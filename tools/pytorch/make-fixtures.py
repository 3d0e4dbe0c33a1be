"""Writes the fixtures of packages/pytorch: files of torch.save with published key names, of every layout that is read, and of all kinds that must be refused.

    python3 tools/pytorch/make-fixtures.py

Needs PyTorch, tests do not: the files are small and in the repository. The numbers of the published cases come from packages/flows/test/parity/fixtures.
The hostile files are only ever written here, not loaded: Python would do what they ask.
"""
import argparse, collections, io, json, os, pickle, struct, subprocess, sys, zipfile
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / 'packages/pytorch/test/fixtures'
CASES = ROOT / 'packages/flows/test/parity/fixtures'


def read_safetensors(path):
    raw = path.read_bytes()
    size = struct.unpack('<Q', raw[:8])[0]
    header = json.loads(raw[8:8 + size])
    case = json.loads(header.pop('__metadata__')['case'])
    begin = 8 + size
    tensors = {name: torch.frombuffer(bytearray(raw[begin + at['data_offsets'][0]:begin + at['data_offsets'][1]]), dtype=torch.float32).reshape(at['shape']) for name, at in header.items()}
    return tensors, case


def published(name, prefix=''):
    """The state dict of a case, with the frozen copies and counters that the published modules keep beside it, and its settings."""
    tensors, case = read_safetensors(CASES / f'{name}.safetensors')
    state = collections.OrderedDict((prefix + key.split('.', 1)[1], value) for key, value in tensors.items() if key.startswith(('param.', 'buffer.')))
    state[prefix + 'chain.0.last_n_samples'] = torch.zeros(1)
    state._metadata = collections.OrderedDict({'': {'version': 1}})
    settings = argparse.Namespace(act=case['activation'], coeff=case['coeff'], vnorms='2222', nblocks=2, dims='16-16', learn_p=False, resume=None, lr=1e-3, seed=0)
    return state, settings


def models():
    state, args = published('toy_sin', 'module.')
    torch.save({'args': args, 'state_dict': state}, OUT / 'toy_sin.pth')
    state, _ = published('tabular_swish')
    torch.save(state, OUT / 'tabular_swish.pth')
    state, args = published('residual_sin')
    parameters = [torch.nn.Parameter(value.clone()) for value in list(state.values())[:2]]
    optimizer = torch.optim.Adam(parameters, lr=1e-3)
    sum(p.sum() for p in parameters).backward()
    optimizer.step()
    # The averages are of parameters alone, and other numbers.
    average = {key: value * 0.5 for key, value in state.items() if key.endswith(('weight', 'bias'))}
    torch.save({'state_dict': state, 'optimizer_state_dict': optimizer.state_dict(), 'args': args, 'ema': average, 'test_bpd': 3.5, 'device': torch.device('cpu'), 'size': torch.Size([2, 3])}, OUT / 'residual_sin.pth')
    state, args = published('residual_swish')
    torch.save({'state_dict': state, 'args': args}, OUT / 'residual_swish.pth', pickle_protocol=4)
    state, args = published('image_conv')
    torch.save({'state_dict': state, 'args': args}, OUT / 'image_conv.pth', pickle_protocol=5)


def layouts():
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6) / 8 - 1
    tensors = {
        'contiguous': base, 'transposed': base.t(), 'column': base[:, 2], 'steps': base[1::2, ::3], 'permuted': torch.arange(24.).reshape(2, 3, 4).permute(2, 0, 1), 'expanded': base[:1].expand(3, 6),
        'shared': base.view(-1)[6:12], 'scalar': torch.tensor(2.5), 'empty': torch.zeros(0, 3), 'parameter': torch.nn.Parameter(base[:2].clone()),
        'half': torch.tensor([1.5, -0.0, 65504., 6e-8, float('inf'), float('nan')], dtype=torch.float16), 'bfloat16': torch.tensor([1.5, -3.140625, 1e30, float('-inf')], dtype=torch.bfloat16),
        'float64': torch.tensor([1 / 3, 1e300], dtype=torch.float64), 'int64': torch.tensor([2 ** 53 + 1, -7]), 'int32': torch.tensor([[1, -2]], dtype=torch.int32), 'int16': torch.tensor([-300], dtype=torch.int16),
        'int8': torch.tensor([-128, 127], dtype=torch.int8), 'uint8': torch.tensor([0, 255], dtype=torch.uint8), 'bool': torch.tensor([True, False]), '__proto__': torch.tensor([1.]), 'constructor': torch.tensor([2.]),
    }
    torch.save(tensors, OUT / 'layouts.pth')
    wide = lambda t: [str(v) for v in (t.detach().double() if t.is_floating_point() else t).reshape(-1).tolist()]
    (OUT / 'layouts.json').write_text(json.dumps([[name, list(t.shape), wide(t)] for name, t in tensors.items()], indent=1) + '\n')
    for protocol in (2, 3, 4, 5):
        torch.save({'state_dict': {'w': base.t()}, 'args': {'act': 'sin', 'tags': {'a'}, 'ids': frozenset([1]), 'big': 2 ** 70, 'raw': None}}, OUT / f'protocol{protocol}.pth', pickle_protocol=protocol)


def refused():
    state = {'w': torch.ones(2, 2)}
    torch.save(state, OUT / 'legacy.pth', _use_new_zipfile_serialization=False)
    torch.jit.script(torch.nn.Linear(1, 1)).save(str(OUT / 'script.pt'))
    torch.save({'w': torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8)}, OUT / 'quantised.pth')
    torch.save({'w': torch.eye(2).to_sparse()}, OUT / 'sparse.pth')
    torch.save({'w': torch.ones(2, dtype=torch.complex64)}, OUT / 'complex.pth')
    torch.save(torch.nn.Linear(1, 1), OUT / 'module.pth')


class Call:
    """What a pickle makes Python call while it is loaded."""
    def __init__(self, function, *args): self.call = (function, args)
    def __reduce__(self): return self.call


class Restored:
    def __setstate__(self, state): os.system(state['command'])
    def __getstate__(self): return {'command': MARK}


MARK = 'touch impflow-was-here'


def archive(name, data):
    """The archive of a plain state dict with another pickle in it."""
    buffer = io.BytesIO()
    torch.save({'w': torch.ones(2)}, buffer)
    with zipfile.ZipFile(buffer) as plain, zipfile.ZipFile(OUT / name, 'w', zipfile.ZIP_STORED) as out:
        for entry in plain.infolist():
            # With the current date an entry would differ at every run.
            out.writestr(zipfile.ZipInfo(entry.filename), data if entry.filename.endswith('data.pkl') else plain.read(entry))


def hostile():
    system = Call(os.system, MARK)
    archive('hostile-system.pth', pickle.dumps({'w': system}, 2))
    archive('hostile-system-protocol4.pth', pickle.dumps({'w': system}, 4))
    archive('hostile-eval.pth', pickle.dumps({'args': Call(eval, f'__import__("os").system("{MARK}")')}, 2))
    archive('hostile-popen.pth', pickle.dumps(collections.OrderedDict(w=[({'deep': Call(subprocess.Popen, MARK.split())},)]), 2))
    archive('hostile-setstate.pth', pickle.dumps({'w': Restored()}, 2))
    archive('hostile-inst.pth', b'\x80\x02(X\x05\x00\x00\x00touchios\nsystem\n.')
    archive('hostile-obj.pth', b'\x80\x02(cos\nsystem\nX\x05\x00\x00\x00toucho.')
    archive('hostile-getattr.pth', pickle.dumps({'w': Call(getattr, 'x', 'upper')}, 2))
    archive('hostile-load.pth', pickle.dumps({'w': Call(torch.storage._load_from_bytes, b'\x80\x02N.')}, 2))


if __name__ == '__main__':
    OUT.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    for part in (models, layouts, refused, hostile):
        part()
    print(f'{len(list(OUT.iterdir()))} files by PyTorch {torch.__version__}', file=sys.stderr)
