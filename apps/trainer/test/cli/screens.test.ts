import { join } from 'node:path';
import { wasm } from '@impflow/backend-wasm';
import { key, normals } from '@impflow/core';
import { fit, type HeldOut } from 'impflow';
import { beforeAll, describe, expect, it } from 'vitest';
import { reportText } from '../../src/tables/report-text.ts';
import { csv, json, temporary, within } from './harness.ts';

const folder = temporary();
const at = (name: string): string => join(folder, name);

/** Two clusters, which a mixture of two Gaussians describes exactly. */
const noise = normals(key(5), 600);
const rows = Array.from({ length: 300 }, (_, i) => [noise[2 * i]! + 12 * (i % 2), noise[2 * i + 1]!] as const);
/** A short training whose learning rate spoils the flow in the first step. */
const SPOILED = { base: 'fitted', blocks: 1, hidden: [8], workers: 1, steps: 4, validateEvery: 2, lr: 3 } as const;
const FLAGS = Object.entries(SPOILED).map(
  ([name, value]) => `--${name === 'validateEvery' ? 'validate-every' : name}=${value}`,
);

/** Words of the theory, which only `evaluate --solver` and `inspect` use. */
const THEORY = /solver|Lipschitz|log-?det|round trip|likelihood/i;

beforeAll(() => csv(at('rows.csv'), 'a,b', rows));

describe('the screens of a run whose flow did not improve on the mixture', () => {
  it('`train`, `evaluate` and `inspect` give the model one name, and its loss one sign', async () => {
    const train = await within('train', '--data', at('rows.csv'), ...FLAGS, '--out', at('run'));
    const evaluate = await within('evaluate', at('run'));
    const name = evaluate.stdout.split('\n')[0]!;
    expect(name).toMatch(/^Gaussian mixture, 2 (full|tied|diagonal) components; the flow did not improve it$/);
    expect((await within('inspect', at('run'))).stdout).toMatch(new RegExp(`^model +${name}$`, 'm'));
    const figures = json<{ won: string; heldOut: HeldOut }>(await within('evaluate', at('run'), '--json'));
    expect(figures.won).toBe(name);

    // The remarks, the last table and `evaluate` show losses: for two clusters of variance 1, log 2 + log(2 pi e).
    const started = Number(
      /^The training starts from a Gaussian mixture, .* on the validation rows is (-?[\d.]+)\.$/m.exec(
        train.stderr,
      )![1],
    );
    expect(Math.abs(started - Math.log(4 * Math.PI * Math.E))).toBeLessThan(0.6);
    expect(train.stderr).toMatch(/^step 4\/4 .* loss \d+\.\d+ {2}validation \d+\.\d+ ± /m);
    const { nats, standardError } = figures.heldOut;
    expect(standardError).toBeGreaterThan(0.1);
    const loss = `${nats.toFixed(2)} ± ${standardError.toFixed(2)}`;
    // The name may be longer than its column. Its last words are then on the next line.
    expect(train.stdout).toMatch(/^loss on 30 test rows +nats per row +worse than > by$/m);
    expect(train.stdout).toContain(`> ${name.slice(0, 50)}`);
    expect(train.stdout).toContain(` ${loss}\n`);
    expect(evaluate.stdout).toContain(loss);

    // `evaluate` shows the table and the verdict of `train`, without bits.
    const [trained, evaluated] = [train.stdout, evaluate.stdout].map((text) =>
      text.slice(text.indexOf('loss on 30'), text.indexOf('standard errors)')),
    );
    expect(evaluated).toBe(trained);
    expect(evaluate.stdout).not.toMatch(/^bits/m);
    expect(evaluate.stdout).toMatch(/^a +0\.\d\d ± 0\.09( low| high)? +[01]\.\d\d ± 0\.05( low| high)?$/m);

    expect(train.stdout + train.stderr + evaluate.stdout).not.toMatch(THEORY);
    const { stdout } = await within('evaluate', at('run'), '--solver');
    for (const words of ['round trip', 'Lipschitz', 'mean steps']) expect(stdout).toContain(words);
  });

  it('the advice of `train` contains only options that can help', async () => {
    await wasm().start();
    const model = await fit(
      rows.map(([a, b]) => ({ a, b })),
      SPOILED,
    );
    const told = (course: Partial<Parameters<typeof reportText>[2]>): string =>
      reportText(model.report, 'run', {
        stoppedEarly: false,
        length: '--seconds',
        choseRate: false,
        isOverfit: false,
        ...course,
      }).replaceAll(/(?<=\S)\n(?=\S)/g, ' ');
    expect(told({})).toContain(' Try more --seconds.\n');
    expect(told({ stoppedEarly: true })).not.toContain('Try');
    expect(told({ length: '--steps', choseRate: true })).toContain(' Try more --steps, or a smaller --lr.\n');
    expect(told({ isOverfit: true })).toContain(
      ' The start is kept: all steps overfit, so more rows would help more than more seconds. ',
    );
    expect(told({ stoppedEarly: true, choseRate: true })).toContain(' Try a smaller --lr.\n');
    model.dispose();
  });
});
