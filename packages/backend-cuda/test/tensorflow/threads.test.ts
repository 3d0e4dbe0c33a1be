import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { project, starting } from '../child.ts';
import { packages } from './setup.ts';

describe('the number of TensorFlow threads', () => {
  const user = project();
  user.add('node_modules/@tensorflow/tfjs-node', join(packages, '@tensorflow/tfjs-node'));
  /** Program that reports the number of threads of the process after an operation has run. */
  const count = `
    const { matMul, ones } = await import('@tensorflow/tfjs-core');
    matMul(ones([500, 500]), ones([500, 500])).dataSync();
    report({ threads: Number(/Threads:\\s+(\\d+)/.exec((await import('node:fs')).readFileSync('/proc/self/status', 'utf8'))[1]) });`;

  it('the option `threads` sets the number of TensorFlow threads', () => {
    const [one, four] = [1, 4].map((threads) => user.run(starting(`cpuBuild({ threads: ${threads} })`) + count));
    expect(one!.capabilities).toEqual({
      precision: 32,
      syncRead: true,
      device: 'cpu',
      threads: 1,
      ownProcess: true,
      fastSines: true,
    });
    expect(four!.capabilities).toMatchObject({ threads: 4 });
    expect(Number(four!.threads) - Number(one!.threads)).toBe(3);
  });

  it('the default number of TensorFlow threads is the value of `TF_NUM_INTRAOP_THREADS`, else the number of cores', () => {
    expect(user.run(starting('cpuBuild()')).capabilities).toMatchObject({ threads: availableParallelism() });
    expect(user.run(starting('cpuBuild()'), { TF_NUM_INTRAOP_THREADS: '3' }).capabilities).toMatchObject({
      threads: 3,
    });
  });

  it('the number of TensorFlow threads cannot change in a process', () => {
    const { error } = user.run(
      `${starting('cpuBuild({ threads: 1 })')} await cpuBuild({ threads: 1 }).start(); ` +
        'await cpuBuild().start(); await cpuBuild({ threads: 2 }).start();',
    );
    expect(error).toEqual({
      code: 'unsupported',
      at: 'backend-cuda/cpuBuild',
      message:
        '[backend-cuda/cpuBuild] TensorFlow already runs in this process: expected 2 threads, got 1. ' +
        'The number cannot change in a process: set it at the first start, or use a separate process.',
    });
  });

  it.each([0, 1.5, Number.NaN])('the option `threads` refuses the value %s', (threads) => {
    expect(user.run(starting(`cpuBuild({ threads: ${threads} })`)).error).toMatchObject({
      code: 'option',
      at: 'backend-cuda/cpuBuild',
    });
  });

  it('starting the TensorFlow backend prints nothing on standard error', () => {
    const { available, name, stderr } = user.run(starting('cpuBuild()'));
    expect({ available, name, stderr }).toEqual({ available: true, name: 'cpuBuild', stderr: '' });
  });
});
