import { wasm } from '@impflow/backend-wasm';
import { webgl } from '@impflow/backend-webgl';
import { webgpu } from '@impflow/backend-webgpu';
import { diagnose, examine } from '@impflow/doctor';
import { describe, expect, it } from 'vitest';

const adapters = { webgl: webgl(), webgpu: webgpu() };

describe('the examination of backends in a page', () => {
  it.each(['webgl', 'webgpu'] as const)(
    '%s passes the examination in a page, also on software graphics, and leaks no tensor',
    async (name) => {
      const report = await examine(adapters[name], { budgetMs: 20 });
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

  it('`diagnose` recommends a backend that runs in a page', async () => {
    const { backends, recommended } = await diagnose([wasm(), adapters.webgl], {
      examine: (adapter) => examine(adapter, { budgetMs: 20 }),
    });
    expect(backends.map(({ available }) => available)).toEqual([true, true]);
    expect(recommended).toMatch(/^(wasm|webgl)$/);
  });
});
