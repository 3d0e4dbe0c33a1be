import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { FlowError } from '@impflow/core';

/** Text of a file of the package `vega-datasets`, whose exports do not include its data. */
export const packaged = async (file: string): Promise<string> => {
  const root = dirname(dirname(createRequire(import.meta.url).resolve('vega-datasets')));
  try {
    return await readFile(join(root, 'data', file), 'utf8');
  } catch (cause) {
    throw new FlowError('input', 'trainer/realDatasets', `Cannot read ${file} of the package vega-datasets`, {
      hint: 'Install the dependencies again.',
      cause,
    });
  }
};
