"""Compares the log-densities that PyTorch computes from an export with the log-densities that impflow printed.

    impflow export runs/moons-1 --out weights.safetensors
    impflow score runs/moons-1 rows.csv --json > scores.json
    python3 tools/pytorch/check-loader.py weights.safetensors rows.csv scores.json

Needs only PyTorch. The exit code is 1 if the log-densities differ by more than 1e-4.
"""
import csv, json, sys

sys.dont_write_bytecode = True
import torch
from flow import log_prob
from load import load

weights, rows, scores = sys.argv[1:]
state, metadata = load(weights)
x = torch.tensor([[float(value) for value in row] for row in list(csv.reader(open(rows)))[1:]], dtype=torch.float64)
theirs = torch.tensor(json.load(open(scores))['logDensity'], dtype=torch.float64)
worst = (log_prob(state, metadata, x) - theirs).abs().max().item()
print(json.dumps({'torch': torch.__version__, 'rows': len(x), 'largestDifference': worst}))
sys.exit(0 if worst < 1e-4 else 1)
