// Tests that the page quotes the numbers about races of two models that docs/study.md contains.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { PLACES, TOYS } from '../../src/config.ts';
import { LEADS, studyInWords } from '../../src/ui/study.ts';

const page = readFileSync(fileURLToPath(new URL('../../../../docs/study.md', import.meta.url)), 'utf8');
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
  it.each(Object.entries(LEADS))('the page quotes docs/study.md for %s', (data, { nats, standardError }) => {
    const [loss, error] = measured(data);
    expect([-nats, standardError]).toEqual([loss, error]);
  });

  it('the page has a sentence about the study for every data set, and for a visitor’s own data', () => {
    for (const name of [...TOYS, ...PLACES]) expect(LEADS[name]).toBeDefined();
    expect(studyInWords('earthquakes')).toMatch(
      /implicit blocks were ahead on these data by 0\.519 nats \(± 0\.068\)\.$/,
    );
    expect(studyInWords('8gaussians')).toMatch(/residual blocks were ahead .* \(± less than 0\.001\)\.$/);
    expect(studyInWords('rings')).toMatch(/both were level on these data\.$/);
    expect(studyInWords('mine.csv')).toContain('eight thin Gaussians by 0.973 nats');
  });
});
