import { it } from 'vitest';

/** Laws that a plugin does not keep, each with its reason. The test report shows these laws as skipped. */
export type Exceptions<Law extends string> = Readonly<Partial<Record<Law, string>>>;

/** Returns the function that registers the laws of a suite as vitest tests. Laws in `except` are skipped. */
export const laws =
  <Law extends string>(
    except: Exceptions<Law>,
  ): ((title: Law, body: () => void | Promise<void>, timeoutMs?: number) => void) =>
  (title, body, timeoutMs) => {
    const reason = except[title];
    // oxlint-disable-next-line vitest/expect-expect, vitest/valid-title -- the caller brings both
    it.skipIf(reason !== undefined)(reason === undefined ? title : `${title} (not kept: ${reason})`, body, timeoutMs);
  };
