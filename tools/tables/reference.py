#!/usr/bin/env python3
"""Writes draws of a reference posterior of sbibm as CSV, for the figure in docs/guide/cookbook/simulator.md.

    reference.py SBIBM TASK OBSERVATION COUNT OUT.csv
"""
import bz2, json, sys
from pathlib import Path

sbibm, task, observation, count, out = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]), Path(sys.argv[5])
with bz2.open(sbibm / f'sbibm/tasks/{task}/files/num_observation_{observation}/reference_posterior_samples.csv.bz2', 'rt') as text:
    out.write_text(''.join(line for line, _ in zip(text, range(count + 1))))
print(json.dumps({'out': str(out)}))
