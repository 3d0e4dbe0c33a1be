import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { FlowError, unknownName } from '@impflow/core';
import { exportPublished, type FlowSpec, type NetSpec } from '@impflow/flows';
import { toHost, writeSafetensors, type HostTensor } from '@impflow/training';
import type { ComputingOptions } from '../backends/backends.ts';
import type { LoadedRun } from '../checkpoint/load-run.ts';
import type { Answer } from '../kinds/run-commands.ts';
import { assertNewFile } from '../run-folder/new-file.ts';
import { onRun } from './on-run.ts';

export interface ExportOptions extends ComputingOptions {
  readonly out: string;
  readonly force?: boolean;
}

/**
 * Writes the best weights of a run as safetensors, under the published key names and in the layout of PyTorch. Returns
 * the exit code.
 *
 * @throws `unsupported` for a classifier and for a density of records; `input` for a file that exists, unless forced, and for the run's own
 * checkpoint.
 */
export const exportRun = async (run: string, options: ExportOptions): Promise<number> => {
  const { out, force } = options;
  if (extname(out).toLowerCase() !== '.safetensors')
    throw unknownName('cli', `extension of --out ${out}`, extname(out), ['.safetensors']);
  await assertNewFile(out, force, ['.safetensors']);
  return onRun(run, options, (_commands, loaded) => writeExport(run, out, loaded));
};

const writeExport = async (run: string, out: string, { model, record, paths }: LoadedRun): Promise<Answer> => {
  if (await isSame(out, paths.checkpoint))
    throw new FlowError('input', 'cli', `${out} is the checkpoint of the run itself`, {
      hint: 'Choose another --out.',
    });
  if (model.kind !== 'flow') {
    const what = model.kind === 'classifier' ? 'a classifier' : 'a density of records';
    throw new FlowError('unsupported', 'cli', `${run} holds ${what}`, {
      expected: 'a density of rows of numbers or of images, whose tensors have published names',
      got: what,
      hint: `Read its checkpoint.safetensors as it is: tensors under parameters.*${model.kind === 'classifier' ? ', channels last' : ''}.`,
    });
  }
  const { spec, flow } = model;
  const hosts = await Promise.all(
    Object.entries({ ...flow.parameters, ...flow.buffers }).map(
      async ([path, variable]) => [path, await toHost(variable)] as const,
    ),
  );
  const exported = exportPublished(
    spec,
    Object.fromEntries(hosts.map(([path, { shape, data }]) => [path, { shape, data: data as Float32Array }])),
  );
  const tensors = Object.fromEntries(
    Object.entries(exported).map(([name, { shape, data }]): [string, HostTensor] => [
      name,
      { dtype: 'F32', shape, data },
    ]),
  );
  await writeSafetensors(out, tensors, metadataOf(spec, record));
  const own = Object.keys(tensors).filter((name) => !/^(?:transforms\.\d+\.)?chain\./.test(name)).length;
  const count = Object.keys(tensors).length;
  return {
    json: { run: paths.folder, out, tensors: count, published: count - own },
    text: () =>
      `${count} tensors: ${out}${own === 0 ? '' : `, ${own} of them without a published name, under paths of this program`}`,
  };
};

/**
 * Metadata of the file: `format`, which Python programs look for; activation and cap, which a loader needs; spec,
 * columns, noise and offsets, which `impflow import` reads.
 */
const metadataOf = (
  spec: FlowSpec,
  { columns, dequantised, offsets }: LoadedRun['record'],
): Readonly<Record<string, string>> => {
  const net = spec.blocks
    .flatMap((block) => Object.values(block) as readonly (Partial<NetSpec> | null)[])
    .find((field) => typeof field?.coeff === 'number') as NetSpec | undefined;
  return {
    format: 'pt',
    spec: JSON.stringify(spec),
    columns: JSON.stringify(columns),
    dequantised: JSON.stringify(dequantised),
    ...(offsets === undefined ? {} : { offsets: JSON.stringify(offsets) }),
    ...(net === undefined ? {} : { activation: net.activation.name, coeff: String(net.coeff) }),
  };
};

const isSame = async (a: string, b: string): Promise<boolean> => {
  const [one, other] = await Promise.all([a, b].map((path) => stat(path).catch(() => undefined)));
  return one !== undefined && other !== undefined && one.ino === other.ino && one.dev === other.dev;
};
