/** Kernels that a page or Worker uses, and the source that they are loaded from. */
export interface Job {
  readonly kernels: 'inlined' | 'url';
  readonly simd: 'simd' | undefined;
  readonly tfjsUrl: string | undefined;
}

/** Results of a page or Worker, as JSON. */
export interface Outcome {
  readonly isolated: boolean;
  readonly window: boolean;
  /** Violations of the content security policy. */
  readonly violations: readonly string[];
  readonly result?: unknown;
  readonly error?: string;
}

/** Runs a job and records violations of the content security policy. */
export const report = async (job: () => Promise<unknown>): Promise<Outcome> => {
  const violations: string[] = [];
  addEventListener('securitypolicyviolation', (event) => {
    const { violatedDirective, blockedURI } = event as SecurityPolicyViolationEvent;
    violations.push(`${violatedDirective} ${blockedURI}`);
  });
  const found = await job().then(
    (result) => ({ result }),
    (error: unknown) => ({ error: String(error) }),
  );
  return { isolated: crossOriginIsolated, window: typeof window === 'object', violations, ...found };
};
