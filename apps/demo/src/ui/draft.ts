import { useLayoutEffect, useState } from 'preact/hooks';

export type Parsed<T> = { readonly value: T } | { readonly problem: string };

/** A text that is being typed, and its problem once the field has lost the focus. */
interface Draft {
  readonly text: string;
  readonly problem: string | undefined;
  readonly onInput: (event: { readonly currentTarget: { readonly value: string } }) => void;
  readonly onChange: (event: { readonly currentTarget: { readonly value: string } }) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/**
 * The text of a field. The text is not changed while it is typed. When the field loses the focus, a valid text is
 * committed. An invalid text stays, with its problem, until it is corrected or discarded with Escape. It is never
 * replaced by the nearest valid value.
 */
export const useDraft = <T>(shown: string, parse: (text: string) => Parsed<T>, commit: (value: T) => void): Draft => {
  const [typed, setTyped] = useState<string>();
  const [left, setLeft] = useState(false);
  const forget = (): void => {
    setTyped(undefined);
    setLeft(false);
  };
  // The value was changed elsewhere meanwhile.
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
    onKeyDown: (event) => {
      if (event.key === 'Escape') forget();
    },
  };
};
