import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
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

/** Returns the number of pixels of a color in the upper half and in the lower half. */
const counted = (png: Uint8Array, [r, g, b]: readonly [number, number, number]): readonly [number, number] => {
  const { width, height, data, channels } = decode(png);
  let [upper, lower] = [0, 0];
  for (let at = 0; at < data.length; at += channels) {
    if (Math.abs(data[at]! - r) + Math.abs(data[at + 1]! - g) + Math.abs(data[at + 2]! - b) > 6) continue;
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
