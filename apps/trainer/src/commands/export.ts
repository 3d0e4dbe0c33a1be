import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { FlowError, unknownName } from '@impflow/core';
import { exportPublished, type FlowSpec, type NetSpec } from '@impflow/flows';
import { assertNewFile } from '@impflow/jobs';
import type { RecordsSpec } from '@impflow/tables';
import { assertFiniteWeights, writeSafetensors, type Checkpoint, type HostTensor } from '@impflow/training';
import { isClassifierSpec, isRecordsSpec, readModel } from 'impflow/run';
import { localRun } from '../checkpoint/local-run.ts';
import { findRun } from '../run-folder/folder.ts';
import { printResult, type OutputOptions } from '../terminal/output.ts';

export interface ExportOptions extends OutputOptions {
  readonly out: string;
  readonly force?: boolean;
}

/**
 * Writes the best weights of a run as safetensors, under the published key names and in the layout of PyTorch. Returns
 * the exit code.
 *
 * @throws `unsupported` for a classifier, and for a table with conditions or categories; `input` for a file that exists
 * (unless `force` is set), and for the run's own checkpoint.
 */
export const exportRun = async (run: string, options: ExportOptions): Promise<number> => {
  const { out, force } = options;
  if (extname(out).toLowerCase() !== '.safetensors')
    throw unknownName('cli', `extension of --out ${out}`, extname(out), ['.safetensors']);
  await assertNewFile(out, { force, others: ['.safetensors'] });
  const { path, remove } = await localRun(run);
  try {
    const paths = await findRun(path);
    if (await isSame(out, paths.checkpoint))
      throw new FlowError('input', 'cli', `${out} is the checkpoint of the run itself`, {
        hint: 'Choose another --out.',
      });
    const { checkpoint } = await readModel(paths.checkpoint);
    assertFiniteWeights(checkpoint, paths.checkpoint);
    const spec = flowOf(checkpoint, run);
    const exported = exportPublished(spec, weightsOf(checkpoint));
    const tensors = Object.fromEntries(
      Object.entries(exported).map(([name, { shape, data }]): [string, HostTensor] => [
        name,
        { dtype: 'F32', shape, data },
      ]),
    );
    await writeSafetensors(out, tensors, metadataOf(spec, columnsOf(checkpoint)));
    const own = Object.keys(tensors).filter((name) => !/^(?:transforms\.\d+\.)?chain\./.test(name)).length;
    const count = Object.keys(tensors).length;
    printResult(
      options,
      { run: paths.folder, out, tensors: count, published: count - own },
      () =>
        `${count} tensors: ${out}${own === 0 ? '' : `, ${own} of them without a published name, under paths of this program`}`,
    );
    return 0;
  } finally {
    await remove();
  }
};

/**
 * Returns the flow of a checkpoint whose tensors have published names.
 *
 * @throws `unsupported` for another model.
 */
const flowOf = ({ spec }: Checkpoint, run: string): FlowSpec => {
  const refusal = (got: string, hint: string): FlowError =>
    new FlowError('unsupported', 'cli', `${run} holds ${got}`, {
      expected: 'a density of numbers or of images, whose tensors have published names',
      got,
      hint,
    });
  if (isClassifierSpec(spec))
    throw refusal(
      'a classifier',
      'Read its checkpoint.safetensors directly: tensors under parameters.*, channels last.',
    );
  if (!isRecordsSpec(spec)) return spec as FlowSpec;
  if (spec.columns.some((column) => column.kind === 'number' && column.spikes !== undefined))
    throw refusal(
      'a density with spikes, at which only some cells have noise',
      'Read its checkpoint.safetensors directly: tensors under parameters.*.',
    );
  if (spec.tree === undefined && (spec.flow.context ?? 0) === 0) return spec.flow;
  throw refusal(
    'a density with conditions or categories',
    'Read its checkpoint.safetensors directly: tensors under parameters.*.',
  );
};

/** Returns the best weights of a checkpoint by their paths, or the last weights if no best weights are stored. */
const weightsOf = ({ tensors, training }: Checkpoint): Parameters<typeof exportPublished>[1] => {
  const prefix = training?.best === undefined ? '' : 'best.';
  return Object.fromEntries(
    Object.entries(tensors).flatMap(([name, { shape, data }]) => {
      const path = [`${prefix}parameters.`, `${prefix}buffers.`].find((group) => name.startsWith(group));
      return path === undefined
        ? []
        : [[name.slice(path.length), { shape, data: Float32Array.from(data as Float32Array) }]];
    }),
  );
};

/** Facts about the columns of a table that the exported file stores. */
interface StoredColumns {
  readonly columns: readonly string[];
  readonly dequantized: Readonly<Record<string, number>>;
  readonly offsets: Readonly<Record<string, number>>;
}

const columnsOf = ({ spec, extra }: Checkpoint): StoredColumns => {
  if (!isRecordsSpec(spec)) {
    const { columns = [], dequantized = {}, offsets = {} } = (extra ?? {}) as Partial<StoredColumns>;
    return { columns, dequantized, offsets };
  }
  const { columns } = spec as RecordsSpec;
  const numbers = (name: 'resolution' | 'offset'): Readonly<Record<string, number>> =>
    Object.fromEntries(
      columns.flatMap((column) =>
        column.kind === 'number' && column[name] !== undefined ? [[column.name, column[name]] as const] : [],
      ),
    );
  return { columns: columns.map(({ name }) => name), dequantized: numbers('resolution'), offsets: numbers('offset') };
};

/**
 * Returns the metadata of the exported file. Python programs look for `format`. A loader needs the activation and the
 * cap of the layer norms. `impflow import` reads the spec, the columns, the noise and the offsets.
 */
const metadataOf = (
  spec: FlowSpec,
  { columns, dequantized, offsets }: StoredColumns,
): Readonly<Record<string, string>> => {
  const net = spec.blocks
    .flatMap((block) => Object.values(block) as readonly (Partial<NetSpec> | null)[])
    .find((field) => typeof field?.coeff === 'number') as NetSpec | undefined;
  return {
    format: 'pt',
    spec: JSON.stringify(spec),
    columns: JSON.stringify(columns),
    dequantized: JSON.stringify(dequantized),
    ...(Object.keys(offsets).length === 0 ? {} : { offsets: JSON.stringify(offsets) }),
    ...(net === undefined ? {} : { activation: net.activation.name, coeff: String(net.coeff) }),
  };
};

const isSame = async (a: string, b: string): Promise<boolean> => {
  const [one, other] = await Promise.all([a, b].map((path) => stat(path).catch(() => undefined)));
  return one !== undefined && other !== undefined && one.ino === other.ino && one.dev === other.dev;
};
