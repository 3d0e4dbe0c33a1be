import { spawnSync } from 'node:child_process';

/** `{ command, torch }`: a Python with PyTorch, and its version; undefined where there is none. */
export const findPython = () => {
  for (const command of ['python3', '/usr/bin/python3', 'python']) {
    const { status, stdout } = spawnSync(command, ['-c', 'import torch, numpy; print(torch.__version__)'], { encoding: 'utf8' });
    if (status === 0) return { command, torch: stdout.trim() };
  }
  return undefined;
};

export const HOW_TO_INSTALL = 'PyTorch is not here: rows against it are left open. On Debian or Ubuntu: apt-get install python3-torch libopenblas0-openmp';

/** The environment of the peer: its products choose their kernels by the processor itself. */
export const peerEnvironment = (threads) => {
  const { OPENBLAS_CORETYPE: _core, OPENBLAS_L2_SIZE: _size, ...rest } = process.env;
  return { ...rest, OMP_NUM_THREADS: String(threads) };
};
