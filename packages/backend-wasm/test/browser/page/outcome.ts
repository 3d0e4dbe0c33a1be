/** Which kernels a page or Worker takes, and from where. */
export interface Job {
  readonly kernels: 'inlined' | 'url';
  readonly simd: 'simd' | undefined;
  readonly tfjsUrl: string | undefined;
}

/** What a page or Worker found; travels as JSON. */
export interface Outcome {
  readonly isolated: boolean;
  readonly window: boolean;
  /** What the content security policy refused. */
  readonly violations: readonly string[];
  readonly result?: unknown;
  readonly error?: string;
}

/** Does a job, watching what the policy refuses meanwhile. */
export const report = async (job: () => Promise<unknown>): Promise<Outcome> => {
  const violations: string[] = [];
  addEventListener('securitypolicyviolation', (event) => {
    const { violatedDirective, blockedURI } = event as SecurityPolicyViolationEvent;
    violations.push(`${violatedDirective} ${blockedURI}`);
  });
  const found = await job().then((result) => ({ result }), (error: unknown) => ({ error: String(error) }));
  return { isolated: crossOriginIsolated, window: typeof window === 'object', violations, ...found };
};
