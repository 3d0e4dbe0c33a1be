import * as core from '@impflow/core';
import type { BackendAdapter } from '@impflow/core';
import * as flows from '@impflow/flows';
import { onBackend } from '@impflow/testkit';
import { decodeSafetensors, type HostTensors } from '@impflow/training';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { parityOf, type FlowCase } from '../../../testkit/private/parity.mjs';
import { estimatorCase, type EstimatorSpec } from './estimators.ts';
import { normsCase, type NormsSpec } from './norms.ts';

export interface ParityCase {
  readonly name: string;
  readonly tensors: HostTensors;
  readonly spec: FlowCase;
}

/** Reads the tensors and the spec of a test case from a file. */
export const parityCase = (name: string, bytes: Uint8Array): ParityCase => {
  const { tensors, metadata } = decodeSafetensors(bytes);
  return { name, tensors, spec: JSON.parse(metadata['case']!) as FlowCase };
};

/**
 * The reference contains the exact log-determinant of every flow. Therefore the flows under test use the exact
 * log-determinant in any dimension.
 */
const importExactly = (...imported: Parameters<typeof flows.importPublished>): flows.PublishedImport => {
  const { spec, flow: plain, paths } = flows.importPublished(...imported);
  const exact: flows.FlowSpec = { ...spec, evaluationLogDet: { name: 'exact', options: { maxDim: spec.dim } } };
  const flow = flows.buildFlow(exact);
  const [from, to] = [plain, flow].map(({ parameters, buffers }) => ({ ...parameters, ...buffers }));
  for (const [path, variable] of Object.entries(to!)) variable.assign(from![path]!);
  core.release(from);
  return { spec: exact, flow, paths };
};

/** Registers tests that compare flows with the float64 numbers of the published implementation. */
export const testParity = (adapter: BackendAdapter, cases: readonly ParityCase[]): void => {
  describe(`published numbers on ${adapter.name}`, () => {
    onBackend(adapter);

    describe.each([...cases])('$name', ({ tensors, spec }) => {
      if (spec.kind === 'estimators') return estimatorCase(tensors, spec as unknown as EstimatorSpec);
      if (spec.kind === 'norms') return normsCase(tensors, spec as unknown as NormsSpec);

      it('values, log-determinants, inverses and all gradients agree with the published numbers', async () => {
        const { z, logDet, logProb, roundTrip, x, theirs, loss, gradients, parameters } = await parityOf(
          { core, flows: { ...flows, importPublished: importExactly }, tf },
          { tensors, spec },
        );
        expect(z).toBeLessThan(1e-5);
        expect(logDet).toBeLessThan(1e-4);
        expect(logProb).toBeLessThan(1e-4 + 1e-6 * Math.abs(spec.loss));
        expect(roundTrip).toBeLessThan(1e-5);
        // On residual blocks, the published solver stops early: if its result x is mapped forward, z has an error of up
        // to 1e-4.
        expect(x).toBeLessThan(1e-5 + 2 * theirs);
        expect(loss).toBeLessThan(1e-4);
        for (const [path, error] of Object.entries(gradients)) expect(error, path).toBeLessThan(1e-3);
        expect(Object.keys(gradients).toSorted()).toEqual(['x', ...parameters].toSorted());
      });
    });
  });
};
