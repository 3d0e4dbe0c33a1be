"""The ten lines that read an export without any package but PyTorch; docs/pytorch.md shows them."""
import json, struct, torch

def load(path):
    raw = open(path, 'rb').read()
    begin = 8 + struct.unpack('<Q', raw[:8])[0]
    header = json.loads(raw[8:begin])
    metadata = header.pop('__metadata__', {})
    numbers = lambda at: torch.frombuffer(bytearray(raw[begin + at[0]:begin + at[1]]), dtype=torch.float32)
    state = {name: numbers(entry['data_offsets']).reshape(entry['shape']) for name, entry in header.items()}
    return state, metadata
