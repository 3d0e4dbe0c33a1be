import { describe, expect, it } from 'vitest';
import { runsOn } from '../src/node-version.ts';
import { project, starting } from './child.ts';

describe('in a project without tfjs-node', () => {
  const user = project();

  it('without tfjs-node `cuda()` is not available, and the error of `start` names the package to install', () => {
    const { available, error } = user.run(starting('cuda()'));
    expect(available).toBe(false);
    expect(error).toEqual({
      code: 'unsupported',
      at: 'backend-cuda/cuda',
      message:
        '[backend-cuda/cuda] A package is not installed: expected @tensorflow/tfjs-node-gpu, got none. ' +
        'Run: npm install @tensorflow/tfjs-node-gpu',
    });
  });

  it('a failed start of `cuda()` does not change the current backend', () => {
    const { before, after, value } = user.run(`
      const { cuda } = await import('@impflow/backend-cuda');
      const { getBackend, registerBackend, KernelBackend, setBackend } = (await import('@tensorflow/tfjs-core'));
      registerBackend('other', () => new KernelBackend());
      await setBackend('other');
      report({ before: getBackend() });
      await cuda().start().catch(() => report({ value: 'refused' }));
      report({ after: getBackend() });`);
    expect({ before, after, value }).toEqual({ before: 'other', after: 'other', value: 'refused' });
  });

  it('importing @impflow/backend-cuda prints nothing and loads nothing', () => {
    const { names, stderr } = user.run("report({ names: Object.keys(await import('@impflow/backend-cuda')) });");
    expect(names).toEqual(['cuda']);
    expect(stderr).toBe('');
  });
});

describe('versions of Node for tfjs-node', () => {
  it.each(['20.19.0', '20.20.2', '21.7.3', '22.0.0', '22.23.3'])('tfjs-node runs on Node %s', (version) => {
    expect(runsOn(version)).toBe(true);
  });
  it.each(['18.20.8', '20.18.3', '23.0.0', '24.21.0'])('tfjs-node does not run on Node %s', (version) => {
    expect(runsOn(version)).toBe(false);
  });
});
