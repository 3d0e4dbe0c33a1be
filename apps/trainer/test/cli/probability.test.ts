import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { json, temporary, within } from './harness.ts';
import { csvRows, penguins, rowsCsv } from './tables.ts';

interface Answer {
  readonly event: string;
  readonly given?: string;
  readonly probability: number;
  readonly standardError: number;
  readonly effective: number | null;
  readonly reliable: boolean;
}

const folder = temporary();
const at = (name: string): string => join(folder, name);
const SHORT = '--steps 10 --batch 100 --hidden 8 --blocks 1 --workers 1 --missing impute --quiet --json'.split(' ');
const birds = penguins();
const names = Object.keys(birds[0]!);
const BODY = '"Body Mass (g)"';

beforeAll(async () => {
  rowsCsv(at('birds.csv'), birds);
  const train = ['train', '--data', at('birds.csv'), '--columns', names.join(), ...SHORT];
  json(await within(...train, '--out', at('run')));
  json(await within(...train, '--given', 'Species', '--out', at('given')));
}, 120_000);

describe('events on the command line', () => {
  it('`probability` prints a table, or JSON', async () => {
    const event = `${BODY} > 5000 and Species in (Gentoo, Adelie)`;
    const answer = json<Answer>(await within('probability', at('run'), event, '--json'));
    expect(answer).toMatchObject({ event, reliable: true });
    // 61 of 342 penguins are so heavy.
    expect(Math.abs(answer.probability - 61 / 342)).toBeLessThan(0.08);
    const { stdout } = await within('probability', at('run'), 'Species = Gentoo', '--given', `${BODY} > 5000`);
    for (const word of ['event', 'given', 'probability', 'standard error', 'interval of 95 %', 'rows drawn'])
      expect(stdout).toContain(word);
    const exact = json<Answer>(await within('probability', at('run'), 'Species = Gentoo', '--json'));
    expect(exact).toMatchObject({ standardError: 0, effective: null });
  });

  it('`probability` of a run with conditions needs their values', async () => {
    const found = json<Answer>(
      await within('probability', at('given'), `${BODY} > 5000`, '--given', 'Species = Gentoo', '--json'),
    );
    expect(found.probability).toBeGreaterThan(0.3);
    const { code, stderr } = await within('probability', at('given'), `${BODY} > 5000`);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('The conditions are missing: expected values of Species'),
    ]);
  });

  it.each([
    ['a wrong text', [`${BODY} >`], 'at character'],
    ['an unknown column', ['mass > 3'], 'Unknown column in an event'],
    ['a wrong number of draws', [`${BODY} > 3`, '--draws', '10'], '--draws'],
  ])('`probability` refuses %s', async (_what, args, said) => {
    const { code, stderr } = await within('probability', at('run'), ...args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(said)]);
  });

  it('`sample --given` takes an event, and conditions of the run beside an event', async () => {
    const drawn = async (run: string, given: string, count: number): Promise<ReturnType<typeof csvRows>> => {
      await within('sample', at(run), '--given', given, '-n', String(count), '--out', at('drawn.csv'), '--force');
      return csvRows(at('drawn.csv'));
    };
    const rows = await drawn('run', `${BODY} > 5000 and Sex = FEMALE`, 20);
    expect(rows.length).toBe(20);
    expect(rows.every((row) => Number(row['Body Mass (g)']) > 5000 && row['Sex'] === 'FEMALE')).toBe(true);
    const both = await drawn('given', `Species = Gentoo and ${BODY} > 5500`, 5);
    expect(both.every((row) => Number(row['Body Mass (g)']) > 5500 && row['Species'] === 'Gentoo')).toBe(true);
    const plain = await drawn('given', 'Species=Gentoo', 5);
    expect(plain.length).toBe(5);
  });

  it('`impute --given` and `score --given` take an event', async () => {
    rowsCsv(at('gaps.csv'), [
      { ...birds[0]!, 'Body Mass (g)': null },
      { ...birds[0]!, 'Body Mass (g)': 3000 },
    ]);
    const event = `${BODY} > 4000`;
    await within('impute', at('run'), at('gaps.csv'), '--given', event, '--draws', '1', '--out', at('filled.csv'));
    const filled = csvRows(at('filled.csv')).map((row) => Number(row['Body Mass (g)']));
    expect(filled[0]).toBeGreaterThan(4000);
    expect(filled[1]).toBe(3000);
    const scored = await within('score', at('run'), at('gaps.csv'), '--given', event, '--out', at('scores.csv'));
    expect(scored.code).toBe(0);
    expect(csvRows(at('scores.csv')).map((row) => Object.values(row)[0])).toEqual([
      expect.stringMatching(/^-\d/),
      expect.stringMatching(/^-inf/i),
    ]);
    const alarm = await within('score', at('run'), at('gaps.csv'), '--given', event, '--alarm', '0.01');
    expect([alarm.code, alarm.stderr]).toEqual([2, expect.stringContaining('--alarm needs scores without an event')]);
  });
});
