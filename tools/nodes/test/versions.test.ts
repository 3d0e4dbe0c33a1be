// Trains and scores on each supported version of Node.js. The held-out figures must be equal to the last digit, and the
// scores byte for byte.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { lastJson } from '../../last-json.mjs';
import { OTHERS, otherNodes } from '../node-of.mjs';

const folder = mkdtempSync(join(tmpdir(), 'impflow-nodes-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const command = fileURLToPath(new URL('../../../apps/trainer/bin/impflow.mjs', import.meta.url));
/** The options of `npm start` without the number of steps. */
const OPTIONS = ['--data', 'zipcodes', '--batch', '512', '--lr', '1e-2', '--schedule', 'cosine', '--warmup', '20'];

/** Trains and scores with a Node.js. Returns the held-out figures and the bytes of the scores. */
const results = async (node: string, name: string): Promise<readonly [figures: unknown, scores: Buffer]> => {
  const [run, scores] = [join(folder, name), join(folder, `${name}.csv`)];
  const impflow = async (...args: readonly string[]): Promise<{ readonly heldOut?: unknown }> => {
    const { stdout } = await promisify(execFile)(node, [command, ...args, '--json', '--quiet'], { maxBuffer: 1 << 26 });
    return lastJson(stdout) as { readonly heldOut?: unknown };
  };
  const { heldOut } = await impflow('train', ...OPTIONS, '--steps', '20', '--workers', '2', '--out', run);
  await impflow('score', run, 'zipcodes', '--out', scores);
  return [heldOut, readFileSync(scores)];
};

it(`Node ${OTHERS.join(', ')} give the same digits as Node ${process.version}`, async () => {
  const nodes = otherNodes(console.warn);
  const [figures, scores] = await results(process.execPath, 'own');
  for (const [i, node] of nodes.entries()) {
    const [itsFigures, itsScores] = await results(node, `other-${i}`);
    expect(itsFigures, node).toEqual(figures);
    expect(itsScores.equals(scores), `scores of ${node}`).toBe(true);
  }
});
