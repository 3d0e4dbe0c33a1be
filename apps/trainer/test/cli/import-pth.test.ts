import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSafetensors } from '@impflow/training';
import { describe, expect, it } from 'vitest';
import { csv, fixture, json, temporary, tree, within } from './harness.ts';

const folder = temporary();
const at = (name: string): string => join(folder, name);
const pth = (name: string): string => fixture(`../../../../packages/pytorch/test/fixtures/${name}.pth`);
const reference = (name: string): string =>
  fixture(`../../../../packages/flows/test/parity/fixtures/${name}.safetensors`);

/** Points, and their log-densities computed by the published implementation. */
const published = async (name: string): Promise<{ readonly rows: string; readonly logProb: readonly number[] }> => {
  const { tensors } = await readSafetensors(reference(name));
  const {
    shape: [count, dim],
    data,
  } = tensors['in.x']! as { shape: readonly number[]; data: Float32Array };
  const rows = csv(
    at(`${name}.csv`),
    Array.from({ length: dim! }, (_, i) => `c${i}`).join(),
    Array.from({ length: count! }, (_, i) => Array.from(data.subarray(i * dim!, (i + 1) * dim!))),
  );
  return { rows, logProb: Array.from(tensors['out.logp']!.data as Float32Array) };
};

describe('a .pth of PyTorch', () => {
  it.each([
    ['toy_sin', [], 'under state_dict, with the settings of its training'],
    ['residual_sin', [], 'beside an optimizer and averages'],
    ['residual_swish', [], 'by a pickle of protocol 4'],
    ['tabular_swish', ['--activation', 'swish', '--coeff', '0.9'], 'flat'],
  ] as const)('an imported %s has the log-densities of the published implementation', async (name, flags, _how) => {
    json(await within('import', pth(name), ...flags, '--out', at(name), '--json'));
    const { rows, logProb } = await published(name);
    const { logDensity } = json<{ logDensity: number[] }>(await within('score', at(name), rows, '--json'));
    expect(logDensity).toHaveLength(logProb.length);
    logProb.forEach((value, i) => expect(Math.abs(logDensity[i]! - value)).toBeLessThan(1e-4));
  });

  it('`import` recognizes .pth and safetensors files by their content, under any file name', async () => {
    copyFileSync(pth('toy_sin'), at('weights.bin'));
    copyFileSync(reference('toy_sin'), at('safe.pth'));
    const a = json(await within('import', at('weights.bin'), '--out', at('a'), '--json'));
    const b = json(
      await within('import', at('safe.pth'), '--activation', 'sin', '--coeff', '0.99', '--out', at('b'), '--json'),
    );
    expect(a).toMatchObject({ dim: 2, blocks: 3 });
    expect({ ...a, run: '' }).toEqual({ ...b, run: '' });
    expect(json(await within('inspect', at('a'), '--json'))['spec']).toEqual(
      json(await within('inspect', at('b'), '--json'))['spec'],
    );
  });

  it('flags of import override the settings in a .pth file', async () => {
    json(await within('import', pth('toy_sin'), '--coeff', '0.5', '--out', at('capped'), '--json'));
    expect(json(await within('inspect', at('capped'), '--json'))['spec']).toMatchObject({
      blocks: [{ gx: { coeff: 0.5, activation: { name: 'sin' } } }, {}, {}],
    });
  });

  it('`import` reads averaged weights by their key, and computes the norms of the averages', async () => {
    json(await within('import', pth('residual_sin'), '--weights', 'ema', '--out', at('ema'), '--json'));
    const { layers } = json<{ layers: readonly { norm: number; cap: number }[] }>(
      await within('inspect', at('ema'), '--json'),
    );
    expect(layers).toHaveLength(12);
    for (const { norm, cap } of layers) expect(norm).toBeLessThan(cap * 1.0001);
  });

  it('`import` reads a flow on images if the shape of the images is given', async () => {
    json(await within('import', pth('image_conv'), '--image', '8,8,1', '--out', at('images'), '--json'));
    expect(json(await within('inspect', at('images'), '--json'))['spec']).toMatchObject({ dim: 64, shape: [8, 8, 1] });
  });

  it.each([
    ['no activation', pth('tabular_swish'), [], ['tabular_swish.pth', '--activation']],
    ['no cap', pth('tabular_swish'), ['--activation', 'swish'], ['tabular_swish.pth', '--coeff']],
    ['images without their shape', pth('image_conv'), [], ['image_conv.pth', '--image']],
    ['a shape of two numbers', pth('image_conv'), ['--image', '8,8'], ['--image', '32,32,3']],
    ['images of another shape', pth('image_conv'), ['--image', '8,8,2'], ['does not fit']],
    ['an unknown name of a state dict', pth('toy_sin'), ['--weights', 'model'], ['toy_sin.pth', 'model', 'state_dict']],
    ['a file that calls a function', pth('hostile-system'), [], ['hostile-system.pth', 'posix.system', 'torch.save']],
    ['a file written by PyTorch before 1.6', pth('legacy'), [], ['legacy.pth', 'torch.load']],
    [
      'tensors of something else',
      pth('layouts'),
      ['--activation', 'sin', '--coeff', '0.9'],
      ['layouts.pth', 'chain.0.nnet_x.0.weight'],
    ],
    ['no file', 'nowhere.pth', [], ['nowhere.pth', 'Check the path']],
    ['a key for safetensors', reference('toy_sin'), ['--weights', 'ema'], ['--weights']],
  ] as const)('%s: import prints one line with a hint, and writes no file', async (_what, file, flags, said) => {
    const before = tree(folder);
    const { code, stdout, stderr } = await within('import', file, ...flags, '--out', at('never'), '--json');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^\[[^\]]+\] .+\n$/);
    for (const words of said) expect(stderr).toContain(words);
    expect(tree(folder)).toEqual(before);
    expect(existsSync('impflow-was-here')).toBe(false);
  });

  it('`import` reports an invalid spec in the metadata', async () => {
    const header = JSON.stringify({
      __metadata__: { spec: '{"version":1' },
      x: { dtype: 'F32', shape: [0], data_offsets: [0, 0] },
    });
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    writeFileSync(at('spoiled.safetensors'), Buffer.concat([length, Buffer.from(header)]));
    const { code, stderr } = await within('import', at('spoiled.safetensors'), '--out', at('never'));
    expect([code, stderr]).toEqual([2, expect.stringContaining('The metadata spec is not JSON')]);
  });
});
