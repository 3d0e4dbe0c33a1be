import type { ColumnSummary } from './columns.ts';
import { resolutionList, type Resolutions } from './resolutions.ts';

/**
 * What {@link dequantise} with these resolutions does to columns, in sentences: one for whole numbers, one for each other step of
 * a grid, one for each column without a grid. `summaries` describe the columns before the noise.
 */
export const noiseRemarks = (summaries: readonly ColumnSummary[], resolutions: Resolutions): readonly string[] => {
  const list = resolutionList(summaries.map(({ name }) => name), resolutions);
  const grids = new Map<number, string[]>();
  const others: string[] = [];
  for (const [j, { name, kind, atom }] of summaries.entries()) {
    const resolution = list[j]!;
    if (resolution === 0) continue;
    if (kind === 'atoms' || kind === 'continuous') {
      const what = atom === undefined ? `Values in ${name} repeat` : `${short(100 * atom.share, 2)} % of the rows of ${name} are exactly ${Number.isInteger(atom.value) ? atom.value : short(atom.value, 7)}`;
      others.push(`${what}: ${noise(resolution)} added, so that a density exists.`);
    } else {
      grids.set(resolution, [...(grids.get(resolution) ?? []), name]);
    }
  }
  const sentence = (resolution: number, names: readonly string[]): string =>
    `${resolution === 1 ? `Whole numbers in ${names.join(', ')}` : `Values in ${names.join(', ')} repeat (multiples of ${short(resolution, 7)})`}: ${noise(resolution)} added, so that a density exists.`;
  return [...[...grids].sort(([a], [b]) => Number(b === 1) - Number(a === 1)).map(([resolution, names]) => sentence(resolution, names)), ...others];
};

const noise = (resolution: number): string => `uniform noise in [0, ${short(resolution, 3)})`;

/** The number with at most `digits` digits. */
const short = (x: number, digits: number): string => String(Number(x.toPrecision(digits)));
