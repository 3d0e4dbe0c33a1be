import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeSafetensors, type HostTensor, type HostTensors } from '@impflow/training';
import { describe, expect, it } from 'vitest';
import { temporary, tree, within } from './harness.ts';

const folder = temporary();
const at = (name: string): string => join(folder, name);
const filled = (value: number, ...shape: readonly number[]): HostTensor => ({
  dtype: 'F32',
  shape,
  data: new Float32Array(shape.reduce((product, n) => product * n, 1)).fill(value),
});

/** The tensors of a residual flow of two columns and one block, with their published names. */
const honest: HostTensors = Object.fromEntries(
  [
    [4, 2, 0],
    [2, 4, 2],
  ].flatMap(([rows, columns, layer]) => [
    [`chain.0.nnet.${layer}.weight`, filled(0.1, rows!, columns!)],
    [`chain.0.nnet.${layer}.bias`, filled(0, rows!)],
    [`chain.0.nnet.${layer}.u`, filled(0.5, rows!)],
    [`chain.0.nnet.${layer}.v`, filled(0.5, columns!)],
  ]),
);
const actNorm = { 'chain.1.weight': filled(1, 2), 'chain.1.bias': filled(0, 2) };
const told = { activation: 'sin', coeff: '0.9' };
const net = { hidden: [4], activation: { name: 'sin' }, coeff: 0.9 };
const spec = (change: object): Record<string, string> => ({
  spec: JSON.stringify({
    version: 1,
    dim: 2,
    base: { name: 'normal' },
    blocks: [{ kind: 'residual', g: net }],
    ...change,
  }),
});
const residual = (g: object): object => ({ blocks: [{ kind: 'residual', g: { ...net, ...g } }] });
const wide = {
  'chain.0.nnet.0.weight': filled(0, 30_000, 2),
  'chain.0.nnet.2.weight': filled(0, 30_000, 1),
  'chain.0.nnet.4.weight': filled(0, 2, 1),
};

const written = (tensors: HostTensors, metadata: Record<string, string>): string => {
  writeFileSync(at('case.safetensors'), encodeSafetensors(tensors, metadata));
  return at('case.safetensors');
};

it('`import` reads a valid file by the names of its tensors, or by a spec in the file', async () => {
  for (const [name, metadata] of [
    ['names', told],
    ['spec', spec({})],
  ] as const) {
    writeFileSync(at('honest.safetensors'), encodeSafetensors(honest, metadata));
    const { code, stdout } = await within('import', at('honest.safetensors'), '--out', at(name), '--json');
    expect([code, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ dim: 2, blocks: 1, parameters: 22 })]);
  }
});

describe('`import` refuses invalid files, and small files that describe a huge model', () => {
  it.each([
    [
      'a weight that is not a number',
      { ...honest, 'chain.0.nnet.0.bias': filled(NaN, 4) },
      told,
      [],
      'chain.0.nnet.0.bias holds a number that is not finite in float32',
    ],
    ['an infinite weight', { ...honest, 'chain.0.nnet.0.bias': filled(Infinity, 4) }, spec({}), [], 'got Infinity'],
    [
      'a weight beyond the range of float32',
      { ...honest, 'chain.0.nnet.0.bias': { dtype: 'F64', shape: [4], data: new Float64Array(4).fill(1e300) } },
      told,
      [],
      'got 1e+300',
    ],
    [
      'the same tensor with a prefix and without',
      { ...honest, 'param.chain.0.nnet.0.bias': filled(9, 4) },
      told,
      [],
      'The file has two tensors with the name chain.0.nnet.0.bias',
    ],
    [
      'two tensors for one parameter',
      { ...honest, ...actNorm, 'chain.01.bias': filled(9, 2) },
      told,
      [],
      'The file has two tensors for',
    ],
    ['narrow layers that imply a huge layer between them', wide, told, [], 'far larger than the file'],
    ['an empty layer', { ...honest, 'chain.0.nnet.2.weight': filled(0, 0, 2 ** 30) }, told, [], 'is empty'],
    [
      'thousands of blocks',
      Object.fromEntries(Array.from({ length: 17_000 }, (_, i) => [`chain.${i}.weight`, filled(1, 1)])),
      told,
      [],
      'too many layers',
    ],
    ['a spec of huge layers', honest, spec(residual({ hidden: [60_000, 60_000] })), [], 'far larger than the file'],
    [
      'a spec of huge filters',
      honest,
      spec(residual({ hidden: [4], kernels: [1e6, 1] })),
      [],
      'far larger than the file',
    ],
    ['a spec of huge images', honest, spec({ dim: 3e8, shape: [10_000, 10_000, 3] }), [], 'far larger than the file'],
    [
      'a spec of a huge matrix',
      honest,
      spec({ dim: 1e5, blocks: [{ kind: 'linear' }] }),
      [],
      'far larger than the file',
    ],
    [
      'a spec of a huge mixture',
      honest,
      spec({ base: { name: 'mixture', options: { components: 1e9 } } }),
      [],
      'far larger than the file',
    ],
    [
      'a spec of a huge mixture of full covariances',
      honest,
      spec({ base: { name: 'mixture', options: { components: 2e6, covariance: 'full' } } }),
      [],
      'far larger than the file',
    ],
    [
      'a spec of too many layers',
      honest,
      spec(residual({ hidden: Array.from({ length: 20_000 }, () => 1) })),
      [],
      'too many layers',
    ],
    [
      'a spec of too many blocks',
      honest,
      spec({ blocks: Array.from({ length: 20_000 }, () => ({ kind: 'actNorm' })) }),
      [],
      'too many layers',
    ],
    ['a spec with a module as a block', honest, spec({ blocks: [{ kind: './evil.mjs' }] }), [], 'got "./evil.mjs"'],
    ['images of a flow on rows', honest, told, ['--image', '2,1,1'], 'no --image'],
    ['huge images of a flow on rows', honest, told, ['--image', '100000,100000,1'], 'far larger than the file'],
  ] as readonly (readonly [string, HostTensors, Record<string, string>, readonly string[], string])[])(
    'import prints an error and writes no file: %s',
    async (_name, tensors, metadata, flags, said) => {
      const file = written(tensors, metadata);
      const before = tree(folder);
      const { code, stdout, stderr } = await within('import', file, ...flags, '--out', at('never'), '--json');
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain(said);
      expect(tree(folder)).toEqual(before);
    },
  );
});

it.each([
  ['of a tensor', { ...honest, [`\u001b[31m${'x'.repeat(1e6)}`]: filled(0, 1) }, spec({})],
  ['of the only tensor', { [`\u009b31m${'x'.repeat(1e6)}`]: filled(0, 1) }, told],
  ['of an activation', honest, { ...told, activation: `\u202e${'x'.repeat(1e6)}` }],
  ['of a block', honest, spec({ blocks: [{ kind: `\u001b[31m${'x'.repeat(1e6)}` }] })],
] as readonly (readonly [string, HostTensors, Record<string, string>])[])(
  'import shortens a name of a megabyte (%s) in errors, and prints no control characters',
  async (_name, tensors, metadata) => {
    const { code, stderr } = await within('import', written(tensors, metadata), '--out', at('never'), '--json');
    expect(code).toBe(2);
    expect(stderr.length).toBeLessThan(1200);
    expect(stderr.trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  },
);

it('`import` replaces column names that contain control characters', async () => {
  writeFileSync(at('columns.safetensors'), encodeSafetensors(honest, { ...spec({}), columns: '["\\u001b[31m", "b"]' }));
  expect((await within('import', at('columns.safetensors'), '--out', at('columns'), '--json')).code).toBe(0);
  expect((await within('sample', at('columns'), '-n', '1')).stdout).toMatch(/^x0,x1\n/);
});
