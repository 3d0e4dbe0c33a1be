import { useLayoutEffect, useState } from 'preact/hooks';

export type Parsed<T> = { readonly value: T } | { readonly problem: string };

/** The text of a field during typing. `problem` is set when the field has lost the focus and the text is invalid. */
interface Draft {
  readonly text: string;
  readonly problem: string | undefined;
  readonly onInput: (event: { readonly currentTarget: { readonly value: string } }) => void;
  readonly onChange: (event: { readonly currentTarget: { readonly value: string } }) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/**
 * Manages the text of an input field. While the visitor types, the text is not changed. When the field loses the focus,
 * a valid text becomes the new value. An invalid text stays in the field with a message, until the visitor corrects the
 * text or discards it with Escape. An invalid text is never replaced by the nearest valid value.
 */
export const useDraft = <T>(shown: string, parse: (text: string) => Parsed<T>, commit: (value: T) => void): Draft => {
  const [typed, setTyped] = useState<string>();
  const [left, setLeft] = useState(false);
  const forget = (): void => {
    setTyped(undefined);
    setLeft(false);
  };
  // If the value is changed elsewhere on the page, the text that the visitor has typed is discarded.
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
