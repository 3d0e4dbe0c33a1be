import { join } from 'node:path';
import { fold, key, normals, uniforms } from '@impflow/core';
import type { RecordsSpec } from '@impflow/tables';
import { loadCheckpoint } from '@impflow/training';
import { beforeAll, describe, expect, it } from 'vitest';
import { compiled, csv, impflow, json, temporary, within } from './harness.ts';

interface Figures {
  readonly nats: number;
  readonly standardError: number;
  readonly rows: number;
}
interface Rival extends Figures {
  readonly name: string;
}
interface Trained {
  readonly bestStep: number;
  readonly heldOut: Figures;
  /** Test losses of simpler densities; the first is a Gaussian. */
  readonly rivals: readonly [Rival, ...Rival[]];
}

const folder = temporary();
const at = (name: string): string => join(folder, name);
const SMALL = ['--hidden', '8', '--blocks', '1', '--batch', '100', '--workers', '1'];

/** The table has three narrow clusters, oblique to the axes, in columns of different units. */
const rows = (seed: number, count: number): readonly (readonly number[])[] => {
  const [u, noise] = [uniforms(fold(key(seed), 0), count), normals(fold(key(seed), 1), 3 * count)];
  return Array.from({ length: count }, (_, i) => {
    const cluster = Math.floor(3 * u[i]!);
    const [a, b, c] = [noise[3 * i]!, noise[3 * i + 1]!, noise[3 * i + 2]!];
    return [1000 + 50 * (6 * cluster + a), 0.01 * (5 * (cluster % 2) + a + 0.2 * b), c + 0.5 * a];
  });
};

beforeAll(() => {
  compiled();
  csv(at('rows.csv'), 'a,b,c', rows(1, 1500));
});

/** Returns the Gaussian mixture of standardized columns. */
const mixtureIn = ({ rivals }: Pick<Trained, 'rivals'>): Rival =>
  rivals.find(({ name }) => name.startsWith('Gaussian mixture'))!;

const trained = async (name: string, ...more: readonly string[]): Promise<Trained & { readonly said: string }> => {
  const outcome = await within(
    'train',
    '--data',
    at('rows.csv'),
    ...SMALL,
    '--base',
    'fitted',
    '--out',
    at(name),
    '--json',
    ...more,
  );
  return { ...json<Trained>(outcome), said: outcome.stderr };
};

describe('`--base fitted`', () => {
  it.each([
    ['implicit', []],
    ['residual', ['--preset', 'tabular']],
    ['monotone', ['--preset', 'tabular']],
    ['coupling', ['--blocks', '2']],
  ] as const)(
    'with `--base fitted`, a flow of %s blocks begins as the mixture that is fitted to the table',
    async (model, more) => {
      const result = await trained(`start-${model}`, '--model', model, ...more, '--steps', '1', '--lr', '1e-9');
      expect(result.said).toMatch(
        new RegExp(
          String.raw`The training starts from a Gaussian mixture, \d+ (full|tied|diagonal) components, ` +
            String.raw`chosen by five folds\. Its loss on the validation rows is -?[\d.,]+\.`,
        ),
      );
      const [gaussian, mixture] = [result.rivals[0], mixtureIn(result)];
      expect(Math.abs(result.heldOut.nats - mixture.nats)).toBeLessThan(1e-3);
      expect(mixture.nats).toBeLessThan(gaussian.nats - 0.5);
    },
  );

  it('`train --base fitted` keeps the mixture if training does not improve on it', async () => {
    const result = await trained('spoiled', '--steps', '4', '--lr', '0.5', '--validate-every', '2');
    expect(result.bestStep).toBe(0);
    expect(Math.abs(result.heldOut.nats - mixtureIn(result).nats)).toBeLessThan(1e-3);
  });

  it('a run with `--base fitted` resumes to the same bits, and can be scored, sampled and exported', async () => {
    const whole = await trained('whole', '--steps', '20', '--validate-every', '10');
    await trained('torn', '--steps', '10', '--validate-every', '10');
    const resumed = json<Trained>(
      await within('train', '--resume', '--out', at('torn'), '--steps', '20', '--json', '--quiet'),
    );
    expect(resumed.heldOut).toEqual(whole.heldOut);
    const [a, b] = await Promise.all(
      ['whole', 'torn'].map((name) => loadCheckpoint(join(at(name), 'checkpoint.safetensors'))),
    );
    expect(a!.tensors).toEqual(b!.tensors);
    const { name, options } = (a!.spec as RecordsSpec).flow.base;
    expect(name).toBe('mixture');
    expect(mixtureIn(whole).name).toContain(
      `${String(options!['components'])} ${String(options!['covariance'])} components`,
    );

    const { heldOut } = json<Trained>(await within('evaluate', at('whole'), '--json'));
    expect(heldOut).toEqual(whole.heldOut);
    csv(at('fresh.csv'), 'a,b,c', rows(2, 400));
    const { logDensity } = json<{ logDensity: number[] }>(
      await within('score', at('whole'), at('fresh.csv'), '--json'),
    );
    const nats = -logDensity.reduce((sum, value) => sum + value, 0) / logDensity.length;
    expect(Math.abs(nats - heldOut.nats)).toBeLessThan(
      5 * Math.hypot(heldOut.standardError, heldOut.standardError * Math.sqrt(heldOut.rows / 400)) + 0.05,
    );
    const { samples } = json<{ samples: Record<'a' | 'b' | 'c', number>[] }>(
      await within('sample', at('whole'), '-n', '200', '--json'),
    );
    const drawn = samples.map(({ a: x, b: y, c: z }) => [x, y, z]);
    for (const j of [0, 1, 2]) {
      const column = (table: readonly (readonly number[])[]): number =>
        table.reduce((sum, row) => sum + row[j]!, 0) / table.length;
      const spread = [50 * 6, 0.01 * 3, 1.2][j]!;
      expect(Math.abs(column(drawn) - column(rows(1, 1500)))).toBeLessThan((5 * spread) / Math.sqrt(200));
    }
    json(await within('export', at('whole'), '--out', at('whole.safetensors'), '--json'));
  });

  it('`train --base fitted` works with several workers', async () => {
    const result = json<Trained>(
      await impflow(
        'train',
        '--data',
        at('rows.csv'),
        ...SMALL,
        '--workers',
        '2',
        '--base',
        'fitted',
        '--steps',
        '10',
        '--validate-every',
        '5',
        '--out',
        at('workers'),
        '--json',
        '--quiet',
      ),
    );
    expect(result.heldOut.nats).toBeLessThan(mixtureIn(result).nats + 0.05);
  });

  it.each([
    ['images', ['--data', 'digits'], /Unknown value of --base: expected one of normal, .*, got "fitted"/],
    ['classes', ['--data', 'digits', '--task', 'classify'], /--base does not apply to a classifier of images/],
  ] as const)('`train --base fitted` refuses %s', async (_name, data, said) => {
    const { code, stderr } = await within(
      'train',
      ...data,
      '--base',
      'fitted',
      '--steps',
      '1',
      '--out',
      at('never'),
      '--json',
    );
    expect([code, stderr]).toEqual([2, expect.stringMatching(said)]);
  });
});

describe('the table at the end of a run', () => {
  it('`train` compares the flow with a Gaussian mixture, and prints a sentence if the flow is not better', async () => {
    const { code, stdout } = await within(
      'train',
      '--data',
      at('rows.csv'),
      ...SMALL,
      '--steps',
      '2',
      '--out',
      at('told'),
      '--quiet',
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^ {2}Gaussian mixture, \d+ (full|tied|diagonal) components +-?[\d.]+ ± [\d.]+ +-[\d.]+ ± [\d.]+$/m,
    );
    expect(stdout.replaceAll('\n', ' ')).toMatch(
      /The model \(>\) is clearly worse than "Gaussian mixture, .*Try more --steps, or --base fitted, which begins as the mixture\./,
    );
  });

  it('`train` compares a toy density with a Gaussian mixture that is fitted to drawn rows', async () => {
    const { rivals } = json<Trained>(
      await within('train', '--data', 'moons', ...SMALL, '--steps', '2', '--out', at('toy'), '--quiet', '--json'),
    );
    const mixture = mixtureIn({ rivals });
    expect(mixture.rows).toBe(10_000);
    expect(Number(/mixture, (\d+) /.exec(mixture.name)![1])).toBeGreaterThan(3);
  });
});
