// Tests that the page quotes the numbers about races of two models that docs/measured and docs/study.md contain.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readNumbersFile, settledAt, studyNumbers } from '../../../tools/demo/study.mjs';
import { PLACES, RACE_SECONDS, TOYS } from '../src/config.ts';
import { RESULTS } from '../src/study-numbers.ts';
import { expectedOf } from '../src/study.ts';

const page = readFileSync(fileURLToPath(new URL('../../../docs/study.md', import.meta.url)), 'utf8');
const section = page.slice(page.indexOf('## Implicit against residual blocks'));
const header = /\| data \|(.*)\|/
  .exec(section)![1]!
  .split('|')
  .map((cell) => cell.trim());
const column = 1 + header.indexOf('`implicit-shallow`');

/**
 * Reads a table row of docs/study.md: the loss of the implicit flow minus the loss of the residual flow, and the
 * standard error of this difference.
 */
const measured = (data: string): readonly [number, number] => {
  const row = section.split('\n').find((line) => line.startsWith(`| ${data} |`))!;
  const cell = row.split('|')[column + 1]!;
  const [, nats, error] = /(-?[\d.]+) ± ([\d.]+)/.exec(cell)!;
  return [Number(nats), Number(error)];
};

describe('the study on the page', () => {
  it('the numbers on the page are made from docs/measured; if not, run `node tools/demo/study.mjs`', () => {
    expect(readNumbersFile()).toBe(studyNumbers());
  });

  it.each(Object.entries(RESULTS))('the page quotes docs/study.md for %s', (data, { nats, standardError }) => {
    const [loss, error] = measured(data);
    expect([0 - nats, standardError]).toEqual([loss, error]);
  });

  it('a lead is settled from the time on at which the final leader has the lower loss of its best weights', () => {
    const slow = [1, 2, 3, 4].map((at) => [10 * at, at, [5, 4, 1, 2][at - 1]!] as const);
    const quick = [1, 2, 3, 4].map((at) => [20 * at, at, [3, 2, 2, 2][at - 1]!] as const);
    expect(settledAt(slow, quick)).toEqual({ wins: true, share: 0.75 });
    expect(settledAt(quick, slow)).toEqual({ wins: false, share: 0.75 });
    expect(settledAt(quick.slice(0, 2), slow.slice(0, 2))).toEqual({ wins: true, share: 0 });
  });
});

describe('what the page lets a visitor expect of a race', () => {
  const BOTH = ['implicit', 'residual'] as const;

  it('there is a sentence for every data set of the page, and for a visitor’s own data', () => {
    for (const name of [...TOYS, ...PLACES]) expect(RESULTS[name]).toBeDefined();
    expect(expectedOf('rings', BOTH, 'seconds')).toEqual({
      words: expect.stringMatching(/both ended level on these data\.$/),
    });
    expect(expectedOf('mine.csv', BOTH, 'seconds')!.words).toMatch(/eight thin Gaussians by 0\.\d+ nats/);
    expect(expectedOf('8gaussians', BOTH, 'free')!.words).toMatch(
      /the residual model ended ahead by .* less than 0\.001/,
    );
    expect(expectedOf('moons', ['implicit', 'coupling'], 'seconds')).toBeUndefined();
  });

  it('only at equal seconds, the band is the share of the time after which the lead was settled in the study', () => {
    const { nats, from } = RESULTS['earthquakes']!;
    const { words, band } = expectedOf('earthquakes', ['residual', 'implicit'], 'seconds')!;
    expect(band).toEqual(from!.map((share) => share * RACE_SECONDS));
    expect(words).toContain(`the implicit model ended ahead by ${nats} nats`);
    expect(words).toContain(`${Math.round(100 * from![0])} to ${Math.round(100 * from![1])} % of the time`);
    expect(expectedOf('earthquakes', BOTH, 'steps')).not.toHaveProperty('band');
  });
});
