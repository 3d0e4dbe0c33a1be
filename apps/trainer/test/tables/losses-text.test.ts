import type { HeldOut, Rival } from 'impflow';
import { describe, expect, it } from 'vitest';
import { lossesText, lossHead, verdict } from '../../src/tables/losses-text.ts';

const figures = (nats: number, standardError: number, rows = 100): HeldOut => ({ nats, standardError, rows });
const rival = (name: string, nats: number, lead: HeldOut, isStart = false): Rival => ({
  name,
  ...figures(nats, 0.1),
  lead,
  isStart,
});

const model = { won: 'implicit flow', heldOut: { ...figures(3.0417, 0.1044), unsolved: 0 }, bestStep: 5 };
const clear = rival('full-covariance Gaussian', 4, figures(0.958, 0.05));
const equal = rival('regularized Gaussian', 3.03, figures(-0.0117, 0.03));
const start = rival('Gaussian mixture, 2 full components', 3.05, figures(0.0083, 0.0071), true);

describe('the table of losses', () => {
  it('the table is sorted by loss, marks the model and the start, and has the paired differences', () => {
    const lines = lossesText({ ...model, rivals: [clear, equal, start] }).split('\n');
    expect(lines.slice(0, 5)).toEqual(
      [
        'loss on 100 test rows                                           nats per row  worse than > by',
        '  regularized Gaussian                                          3.03 ± 0.10   -0.012 ± 0.030',
        '> implicit flow                                                 3.04 ± 0.10',
        '  Gaussian mixture, 2 full components, the start of the training  3.05 ± 0.10   0.0083 ± 0.0071',
        '  full-covariance Gaussian                                      4.00 ± 0.10   0.958 ± 0.050',
      ].map((line) =>
        expect.stringMatching(
          new RegExp(`^${line.replaceAll(/[()+>]/g, String.raw`\$&`).replaceAll(/ {2,}/g, ' +')}$`),
        ),
      ),
    );
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
  });

  it('a start that no step improved is the model: it is shown only if the model was widened', () => {
    const kept = { ...model, bestStep: 0, rivals: [clear, start] };
    expect(lossesText(kept)).not.toContain('Gaussian mixture');
    expect(lossesText({ ...kept, spread: 1.1 })).toContain(
      '  Gaussian mixture, 2 full components, before widening by 10 % ',
    );
  });

  it('the heading names the conditions of a conditional density', () => {
    const head = (...names: readonly string[]): string =>
      lossHead(figures(3, 0.1, 33), 'test row', [
        { name: 'mass', given: false },
        ...names.map((name) => ({ name, given: true })),
      ]);
    expect(head()).toBe('loss on 33 test rows');
    expect(head('species')).toBe('loss on 33 test rows, given species');
    expect(head('a', 'b')).toBe('loss on 33 test rows, given a and b');
    expect(head('a', 'b', 'c', 'd', 'e')).toBe('loss on 33 test rows, given a, b, c and 2 more columns');
  });

  it('a long name is broken between words', () => {
    const won =
      'implicit flow from a linear regression + Gaussian mixture, 12 diagonal components, columns by quantiles';
    const lines = lossesText({ ...model, won, rivals: [clear] }).split('\n');
    expect(lines[1]).toMatch(/^> implicit flow from a linear regression \+ Gaussian mixture, 12 +3\.04 ± 0\.10$/);
    expect(lines[2]).toBe('    diagonal components, columns by quantiles');
  });
});

describe('the verdict', () => {
  it.each([
    [
      [clear],
      'The model (>) is clearly better than all other densities of the table (by more than two standard errors).',
    ],
    [
      [equal],
      'The model (>) shows no measurable difference from the other densities of the table (less than two standard errors).',
    ],
    [
      [clear, equal],
      'The model (>) is clearly better than "full-covariance Gaussian" (by more than two standard errors), and shows no measurable difference from "regularized Gaussian" (less than two standard errors).',
    ],
    [
      [rival('full-covariance Gaussian', 2, figures(-1, 0.1))],
      'The model (>) is clearly worse than "full-covariance Gaussian" (by more than two standard errors).',
    ],
    // A difference in the size of rounding errors is no difference, however small its standard error is.
    [
      [rival('regularized Gaussian', 3, figures(1e-6, 1e-8)), clear],
      'The model (>) is clearly better than "full-covariance Gaussian" (by more than two standard errors), and shows no measurable difference from "regularized Gaussian" (less than two standard errors).',
    ],
  ] as const)('%#', (rivals, words) => {
    expect(verdict({ ...model, rivals })).toBe(words);
  });

  it('a training that did not measurably improve its start is named, and a training that did is not', () => {
    const words = 'The training did not measurably improve the mixture from which it started.';
    expect(verdict({ ...model, rivals: [clear, start] })).toBe(
      `The model (>) is clearly better than "full-covariance Gaussian" (by more than two standard errors). ${words}`,
    );
    const improved = { ...start, lead: figures(0.0083, 0.0041) };
    expect(verdict({ ...model, rivals: [clear, improved] })).not.toContain(words);
  });

  it('one row shows no difference', () => {
    expect(verdict({ ...model, heldOut: { ...figures(3, 0, 1), unsolved: 0 }, rivals: [clear] })).toBe(
      'One test row cannot show differences.',
    );
  });
});
