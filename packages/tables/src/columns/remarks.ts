import type { Atom, ColumnSummary } from './columns.ts';
import { resolutionList, type Resolutions } from './resolutions.ts';

/**
 * Returns sentences that say what {@link dequantise} with these resolutions does: one for whole numbers, one for each
 * other step of a grid, one for each column without a grid or with a value that most rows have. `summaries` describe
 * the columns before the noise.
 */
export const noiseRemarks = (summaries: readonly ColumnSummary[], resolutions: Resolutions): readonly string[] => {
  const list = resolutionList(
    summaries.map(({ name }) => name),
    resolutions,
  );
  const grids = new Map<number, string[]>();
  const others: string[] = [];
  for (const [j, { name, kind, atom, distinct }] of summaries.entries()) {
    const resolution = list[j]!;
    if (resolution === 0) continue;
    if (kind === 'atoms' || kind === 'continuous') {
      const what = atom === undefined ? `Values in ${name} repeat` : mostly(name, atom);
      others.push(`${what}: ${noise(resolution)} added, so that a density exists.`);
    } else {
      grids.set(resolution, [...(grids.get(resolution) ?? []), name]);
      if (atom !== undefined && atom.share > HALF && distinct > 2)
        others.push(`${mostly(name, atom)}: their log-densities tell little else.`);
    }
  }
  const sentence = (resolution: number, names: readonly string[]): string => {
    const list = names.join(', ');
    const what =
      resolution === 1 ? `Whole numbers in ${list}` : `Values in ${list} repeat (multiples of ${short(resolution, 7)})`;
    return `${what}: ${noise(resolution)} added, so that a density exists.`;
  };
  return [
    ...[...grids]
      .sort(([a], [b]) => Number(b === 1) - Number(a === 1))
      .map(([resolution, names]) => sentence(resolution, names)),
    ...others,
  ];
};

/** If an atom has a larger share of the rows, a log-density says more about it than about all other values. */
const HALF = 0.5;

const mostly = (name: string, { value, share }: Atom): string =>
  `${short(100 * share, 2)} % of the rows of ${name} are exactly ${Number.isInteger(value) ? value : short(value, 7)}`;

const noise = (resolution: number): string => `uniform noise in [0, ${short(resolution, 3)})`;

/** The number with at most `digits` significant digits. */
const short = (x: number, digits: number): string => String(Number(x.toPrecision(digits)));
