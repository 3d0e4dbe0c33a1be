import { resolve } from 'node:path';
import { FlowError } from '@impflow/core';
import { isUrl, localRun } from '../checkpoint/local-run.ts';
import { readCheckpoint } from '../checkpoint/read-checkpoint.ts';
import { conditionCells } from '../kinds/records/conditions.ts';
import type { SampleOptions } from '../kinds/run-commands.ts';
import { samplesPerKey } from '../model/draw-samples.ts';
import { isRecordsSpec, isRowsSpec, type ModelSpec } from '../model/model.ts';
import { findRun } from '../run-folder/folder.ts';
import { joinParts } from '../tasks/join-parts.ts';
import { checkpointHash } from '../tasks/loaded-runs.ts';
import { partsInto } from '../tasks/parts-into.ts';
import { extensionOf, isFolder, partsTarget, removeParts } from '../tasks/parts-target.ts';
import type { SampleTask } from '../tasks/task.ts';
import { number } from '../terminal/format.ts';
import { printResult } from '../terminal/output.ts';

/** Most rows of a part, where no option says so. */
const PART_ROWS = 2 ** 18;
/** More numbers than these are drawn in parts: fewer need little memory. */
const LARGE_NUMBERS = 2 ** 22;
/** Rows that `-n` stands for where it is left out. */
const USUAL_ROWS = 1000;

/** A run on a table whose rows are drawn in parts. */
export interface PartSample {
  readonly spec: ModelSpec;
  readonly columns: readonly string[];
  readonly checkpoint: string;
}

/**
 * The run, if its rows are drawn in parts: into a folder, through a queue, by several processes, or very many. Undefined for others, and for a run on images.
 */
export const partSample = async (
  run: string,
  { out, queue, workers, share, n = USUAL_ROWS }: SampleOptions,
): Promise<PartSample | undefined> => {
  const local = await localRun(run);
  try {
    const { spec, record } = await readCheckpoint((await findRun(local.path)).checkpoint);
    const columns = isRecordsSpec(spec)
      ? spec.columns.map(({ name }) => name)
      : isRowsSpec(spec)
        ? record.columns
        : undefined;
    if (columns === undefined) return undefined;
    const inParts =
      queue !== undefined ||
      workers !== undefined ||
      share !== undefined ||
      (out !== undefined && ((await isFolder(out)) || n * columns.length > LARGE_NUMBERS));
    return inParts ? { spec, columns, checkpoint: await checkpointHash(local.path) } : undefined;
  } finally {
    await local.remove();
  }
};

/**
 * Draws any number of rows in parts, on all cores or through a queue. They are those that one process draws. A call that
 * was ended goes on where it was. Returns the exit code.
 *
 * @throws `option` for no `--out`, and for conditions from a file.
 */
export const sampleInParts = async (
  run: string,
  { spec, columns, checkpoint }: PartSample,
  options: SampleOptions,
  signal: AbortSignal,
): Promise<number> => {
  const { n = USUAL_ROWS, seed, temperature, given: conditions, out } = options;
  if (out === undefined)
    throw new FlowError('option', 'cli', 'Rows in parts need a place', {
      expected: '--out with a file or a folder',
      got: 'none',
      hint: 'Such as: --out samples/',
    });
  if (conditions !== undefined && !conditions.every((text) => text.includes('=')))
    throw new FlowError('option', 'cli', 'Conditions from a file are drawn at once', {
      expected: '--given with values such as x1=3, or fewer rows into one file',
      got: `--given ${conditions.join(',')}`,
      hint: 'Leave --queue and --workers out.',
    });
  const given = isRecordsSpec(spec) ? conditionCells(spec, conditions) : undefined;
  const target = await partsTarget(options);
  const common = {
    kind: 'sample',
    run: isUrl(run) ? run : resolve(run),
    checkpoint,
    seed,
    temperature,
    ...(given === undefined ? {} : { given }),
    ...(options.backend === undefined ? {} : { backend: options.backend }),
  } as const;
  // Keys of rows of numbers belong to blocks of rows.
  const block = isRowsSpec(spec) ? samplesPerKey(spec) : 1;
  const each = Math.max(1, Math.floor((options.partRows ?? PART_ROWS) / block)) * block;
  const ranges = Array.from({ length: Math.ceil(n / each) }, (_, part) => ({
    first: part * each,
    count: Math.min(each, n - part * each),
  }));
  const texts = isRecordsSpec(spec)
    ? spec.columns.flatMap((column) => (column.kind === 'category' || column.date !== undefined ? [column.name] : []))
    : [];
  const end = await partsInto<SampleTask>(target, options, {
    signal,
    job: { ...common, n },
    tasks: ranges.map((range) => ({ ...common, ...range })),
    sizes: ranges.map(({ count }) => count),
    done: 'Drawn',
    extension: target.isTemporary
      ? isRecordsSpec(spec)
        ? '.parquet'
        : '.npy'
      : extensionOf(target, options, 'parquet'),
  });
  const { manifest } = end;
  if (manifest === undefined) return end.exitCode;
  if (target.file !== undefined) await joinParts(target, manifest, { names: columns, kept: columns, texts });
  await removeParts(target);
  const { rows, parts } = manifest;
  printResult(
    options,
    { rows, columns, ...(target.isTemporary ? {} : { parts: parts.length }), out },
    () =>
      `${number(rows)} rows written to ${target.isTemporary ? out : `${number(parts.length)} ${parts.length === 1 ? 'file' : 'files'} in ${out}, listed in manifest.json`}`,
  );
  return 0;
};
