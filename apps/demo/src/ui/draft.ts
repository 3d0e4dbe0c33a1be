import { useLayoutEffect, useState } from 'preact/hooks';

export type Parsed<T> = { readonly value: T } | { readonly problem: string };

/** A text that is being typed, and what is wrong with it once the visitor has left it. */
export interface Draft {
  readonly text: string;
  readonly problem: string | undefined;
  readonly onInput: (event: { readonly currentTarget: { readonly value: string } }) => void;
  readonly onChange: (event: { readonly currentTarget: { readonly value: string } }) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/**
 * The text of a field. What is typed stays as it is until it is left: then a good text is committed, and a bad one remains, with what is wrong with it, until it
 * is mended or given up with Escape. Nothing is ever changed to the nearest that would do.
 */
export const useDraft = <T>(shown: string, parse: (text: string) => Parsed<T>, commit: (value: T) => void): Draft => {
  const [typed, setTyped] = useState<string>();
  const [left, setLeft] = useState(false);
  const forget = (): void => {
    setTyped(undefined);
    setLeft(false);
  };
  // Chosen elsewhere meanwhile.
  useLayoutEffect(forget, [shown]);
  const parsed = typed === undefined ? undefined : parse(typed);
  return {
    text: typed ?? shown,
    problem: left && parsed !== undefined && 'problem' in parsed ? parsed.problem : undefined,
    onInput: ({ currentTarget }) => setTyped(currentTarget.value),
    onChange: ({ currentTarget }) => {
      const result = parse(currentTarget.value);
      if ('problem' in result) {
        setTyped(currentTarget.value);
        setLeft(true);
        return;
      }
      forget();
      commit(result.value);
    },
    onKeyDown: (event) => { if (event.key === 'Escape') forget(); },
  };
};
