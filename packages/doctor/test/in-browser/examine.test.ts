import { wasm } from '@impflow/backend-wasm';
import { webgl } from '@impflow/backend-webgl';
import { webgpu } from '@impflow/backend-webgpu';
import { diagnose, examine, type Diagnosis } from '@impflow/doctor';
import { beforeAll, describe, expect, it } from 'vitest';

const NAMES = ['wasm', 'webgl', 'webgpu'] as const;

describe('the examination of backends in a page', () => {
  let diagnosis: Diagnosis;
  beforeAll(async () => {
    diagnosis = await diagnose([wasm(), webgl(), webgpu()], {
      examine: (adapter) => examine(adapter, { budgetMs: 20 }),
    });
  });

  it.each(['webgl', 'webgpu'] as const)(
    '%s passes the examination in a page, also on software graphics, and leaks no tensor',
    (name) => {
      const report = diagnosis.backends[NAMES.indexOf(name)]!;
      expect(report).toMatchObject({
        name,
        available: true,
        precision: 32,
        device: 'gpu',
        missingOps: [],
        failures: [],
        memory: { tensorsLeft: 0 },
      });
      expect(report.gradientCheck.ok, JSON.stringify(report.gradientCheck)).toBe(true);
      expect(report.gflops).toHaveLength(4);
      for (const figure of [report.stepMs, report.readBackMs]) expect(figure).toBeGreaterThan(0);
    },
  );

  it('`diagnose` recommends a backend that runs in a page', () => {
    expect(diagnosis.backends.map(({ available }) => available)).toEqual([true, true, true]);
    expect(diagnosis.recommended).toMatch(/^(wasm|webgl|webgpu)$/);
  });
});
