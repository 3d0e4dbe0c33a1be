import { pathToFileURL } from 'node:url';
import { isFlowError } from '@impflow/core';
import type { BackendReport } from '@impflow/doctor';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { askChild } from '../../src/backends/child-process.ts';
import { diagnosisText } from '../../src/commands/doctor.ts';
import { compiled, fixture, impflow, json, within } from './harness.ts';

beforeAll(() => {
  compiled();
  // With this setting, WebGPU finds no graphics card on any Linux machine.
  vi.stubEnv('VK_DRIVER_FILES', 'none');
});
afterAll(() => void vi.unstubAllEnvs());

describe('impflow doctor', () => {
  it('`doctor` prints a row per available backend, the reason for each unavailable backend, and the command to type', async () => {
    const { code, stdout, stderr } = await impflow('doctor', '--backend', 'wasm,webgl', '--backend', 'webgpu');
    expect(code).toBe(0);
    // If the package `webgpu` is installed, its library Dawn prints why it refuses each driver, so other lines are
    // ignored.
    expect(stderr.split('\n').filter((line) => line.startsWith('Examining'))).toEqual([
      'Examining wasm (1 of 3)',
      'Examining webgl (2 of 3)',
      'Examining webgpu (3 of 3)',
    ]);
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(/^backend +runs on +gradient error +GF\/s/);
    expect(lines[1]).toMatch(/^wasm +cpu, 1 thread, 32 bits, \w+ +\d.*e-6 .* none$/);
    expect(lines[2]).toMatch(/^webgl +not available$/);
    expect(stdout).toContain(
      'webgpu  WebGPU is not available: expected the package webgpu and a graphics card, got no ',
    );
    expect(stdout).toContain('Run: npm install webgpu.');
    expect(stdout).toMatch(/\nRecommended: wasm, .*nothing to type.* --backend auto\.\n$/);
    for (const line of lines.slice(0, 4)) expect(line.length).toBeLessThan(130);
  });

  it('`doctor --json` prints one JSON object that includes unavailable backends', async () => {
    const outcome = await impflow('doctor', '--backend', 'cpu,webgl,wasm', '--json', '--quiet');
    const { backends, recommended } = json<{
      readonly backends: readonly BackendReport[];
      readonly recommended: string;
    }>(outcome);
    expect(outcome.stderr).toBe('');
    expect(recommended).toBe('wasm');
    expect(backends.map(({ name, available }) => [name, available])).toEqual([
      ['cpu', true],
      ['webgl', false],
      ['wasm', true],
    ]);
    for (const report of backends)
      for (const name of ['precision', 'missingOps', 'gradientCheck', 'gflops', 'readBackMs'])
        expect(report).toHaveProperty(name);
    expect(backends[1]!.reason).toContain('[trainer/backends] WebGL 2 is not available');
    for (const report of [backends[0], backends[2]])
      expect(report).toMatchObject({
        precision: 32,
        missingOps: [],
        failures: [],
        gradientCheck: { ok: true },
        memory: { tensorsLeft: 0 },
      });
  });

  it('`doctor` exits with 1 if no backend works', async () => {
    const { code, stdout } = await within('doctor', '--backend', 'webgl,webgpu', '--quiet');
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(
        /^Not available:\n {2}webgl .*\n {2}webgpu .*\n\nNone of webgl, webgpu is fit for training\.\n$/,
      ),
    ]);
  });

  it('`doctor` describes the errors of an available backend', () => {
    const bad: BackendReport = {
      name: 'odd',
      available: true,
      precision: 16,
      device: 'gpu',
      threads: 1,
      missingOps: ['TopK'],
      gradientCheck: { ok: false, error: 0.02, of: 'float64 reference' },
      gflops: [],
      stepMs: null,
      readBackMs: 1,
      memory: { tensorsLeft: null },
      failures: ['products: Error: no memory'],
      seconds: 1,
    };
    const text = diagnosisText({ backends: [bad], recommended: null });
    for (const words of [
      '0.020 WRONG',
      'odd lacks operations that flows need: TopK.',
      'odd computes wrong gradients',
      '16 bits: too few',
      'odd: products: Error: no memory',
      'None of odd',
    ])
      expect(text).toContain(words);
  });
});

describe('`askChild`', () => {
  // The options of the test runner are removed. With these options, the started process would resolve packages to their
  // sources.
  beforeAll(() => {
    process.execArgv = [];
  });
  const ask = (name: string, question: unknown): Promise<unknown> => askChild(pathToFileURL(fixture(name)), question);

  it('`askChild` returns the reply of a module, with exact numbers', async () => {
    expect(await ask('answers.mjs', Float32Array.of(1, 2))).toEqual({ doubled: Float32Array.of(2, 4), best: Infinity });
  });

  it('`askChild` throws the error that the module throws', async () => {
    const error = await ask('answers.mjs', 'flow').catch((reason: unknown) => reason);
    expect([isFlowError(error, 'option'), (error as Error).message]).toEqual([
      true,
      '[fixture/answers] Wrong question: expected another, got flow.',
    ]);
    await expect(ask('answers.mjs', 'plain')).rejects.toThrow('TypeError: no method of that name');
  });

  it('`askChild` throws an error with the exit code if the module ends without a reply', async () => {
    await expect(ask('dies.mjs', 'anything')).rejects.toThrow(
      '[cli] The process of this backend ended: expected an answer, got exit code 9 after "Illegal instruction".',
    );
  });
});
