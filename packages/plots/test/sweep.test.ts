import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { lossRange } from '../src/sweep-domain.ts';
import { SWEEP } from '../src/sweep-size.ts';
import type { SweepPlotTrial } from '../src/sweep-trial.ts';
import { sweepPlot, type SweepPlotInput } from '../src/sweep.ts';

const trial = (
  name: string,
  kind: SweepPlotTrial['kind'],
  losses: readonly number[],
  values: Readonly<Record<string, string>>,
): SweepPlotTrial => ({
  name,
  kind,
  curve: losses.map((nats, i) => [10 * (i + 1), nats]),
  validation: losses.length === 0 ? null : Math.min(...losses),
  standardError: losses.length === 0 ? null : 0.1,
  values,
});

const input: SweepPlotInput = {
  title: 'Sweep',
  subtitle: 'three trials',
  rungs: [20, 40],
  axes: [
    { name: 'lr', scale: 'log', low: 1e-3, high: 1e-1 },
    { name: 'net', values: ['spectral', 'sandwich'] },
  ],
  trials: [
    trial('trial-001', 'best', [3, 2.5, 2.2, 2.1], { lr: '0.01', net: 'sandwich' }),
    trial('trial-000', 'defaults', [4, 3.5, 3.3, 2.6], {}),
    trial('trial-002', 'other', [3.1, 3], { lr: '0.001', net: 'spectral' }),
  ],
};

type Color = readonly [number, number, number];

const isNear = (data: ArrayLike<number>, at: number, color: Color): boolean =>
  color.reduce((sum, channel, i) => sum + Math.abs(data[at + i]! - channel), 0) <= 6;

/** Returns the number of pixels of a color in the upper half and in the lower half. */
const counted = (png: Uint8Array, color: Color): readonly [number, number] => {
  const { width, height, data, channels } = decode(png);
  let [upper, lower] = [0, 0];
  for (let at = 0; at < data.length; at += channels) {
    if (!isNear(data, at, color)) continue;
    if (at / channels / width < height / 2) upper++;
    else lower++;
  }
  return [upper, lower];
};

const VERMILION = [0xd5, 0x5e, 0] as const;
/** The color of a dashed line on white, as it is drawn for a failed trial. */
const GRAY = [168, 168, 168] as const;

describe('sweepPlot', () => {
  it('sweepPlot draws the trial with default parameters as a curve in the upper half and a mark in the lower half', () => {
    const [upper, lower] = counted(sweepPlot(input), VERMILION);
    expect(upper).toBeGreaterThan(500);
    expect(lower).toBeGreaterThan(50);
    const { trials } = input;
    const without = sweepPlot({ ...input, trials: trials.filter(({ kind }) => kind !== 'defaults') });
    // Vermilion pixels remain only in the legend, which is in the upper half.
    expect(counted(without, VERMILION)[1]).toBe(0);
  });

  it('sweepPlot draws error bars that are two standard errors long', () => {
    const { trials } = input;
    const heights = [0.1, 0.2].map((standardError) => {
      const drawn = trials.map((each) => (each.kind === 'defaults' ? { ...each, standardError } : each));
      const { width, data, channels } = decode(sweepPlot({ ...input, trials: drawn }));
      const rows = new Set<number>();
      for (let at = 0; at < data.length; at += channels) {
        const [x, y] = [(at / channels) % width, Math.floor(at / channels / width)];
        if (x > 2 * (SWEEP.width - SWEEP.ranks) && y < 800 && isNear(data, at, VERMILION)) rows.add(y);
      }
      const [low, high] = lossRange(drawn);
      return {
        rows: rows.size,
        expected: ((2 * standardError) / (high - low)) * 2 * (SWEEP.curves - SWEEP.top - SWEEP.bottom),
      };
    });
    for (const { rows, expected } of heights) expect(Math.abs(rows - expected)).toBeLessThan(4);
  });

  it('the axis of losses contains the error bars, and is at least five standard errors long', () => {
    const close = [2, 2.0003, 2.0006].map((nats) => ({ ...trial('t', 'other', [nats], {}), standardError: 0.15 }));
    const [low, high] = lossRange(close);
    expect(high - low).toBeGreaterThan(5 * 0.15);
    expect(low).toBeLessThan(2 - 0.15);
    expect(high).toBeGreaterThan(2.0006 + 0.15);
    const [, cut] = lossRange([...close, trial('diverged', 'other', [1e6], {})]);
    expect(cut).toBeLessThan(4);
  });

  it('sweepPlot draws failed trials in gray, with lines that end above the axis of losses', () => {
    const failed = trial('trial-003', 'other', [], { lr: '0.1', net: 'spectral' });
    const png = sweepPlot({ ...input, trials: [...input.trials, failed] });
    expect(counted(png, GRAY)[1]).toBeGreaterThan(counted(sweepPlot(input), GRAY)[1] + 100);
  });

  it.each<[string, Partial<SweepPlotInput>]>([
    ['one trial', { trials: input.trials.slice(0, 1) }],
    ['equal losses', { trials: input.trials.map((each) => ({ ...each, validation: 2, curve: [[40, 2]] as const })) }],
    [
      'failed trials alone',
      { trials: [trial('trial-000', 'best', [], {}), trial('trial-001', 'other', [], { lr: '0.1', net: 'spectral' })] },
    ],
    ['one step', { rungs: [1], trials: input.trials.map((each) => ({ ...each, curve: [[1, 2]] as const })) }],
    [
      'a huge loss',
      { trials: [...input.trials, trial('trial-004', 'other', [1e30, 1e29], { lr: '0.1', net: 'spectral' })] },
    ],
    [
      'many and long names',
      {
        axes: Array.from({ length: 12 }, (_, i) => ({
          name: `a-parameter-with-a-long-name-${i}`,
          values: ['x'.repeat(80), 'y'],
        })),
        trials: input.trials.map((each) => ({
          ...each,
          values: Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`a-parameter-with-a-long-name-${i}`, 'y'])),
        })),
      },
    ],
  ])('sweepPlot draws %s', (_name, change) => {
    expect(decode(sweepPlot({ ...input, ...change })).width).toBe(1720);
  });
});
