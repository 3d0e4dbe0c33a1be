import type { ComponentChildren, JSX } from 'preact';
import { useRef } from 'preact/hooks';

/** A button that lets the visitor choose a file. `label` names the hidden field of the file for assistive technology. */
export const FileButton = ({
  label,
  accept,
  chosen,
  primary = false,
  disabled = false,
  children,
}: {
  readonly label: string;
  readonly accept: string;
  readonly chosen: (file: File) => void;
  readonly primary?: boolean;
  readonly disabled?: boolean;
  readonly children: ComponentChildren;
}): JSX.Element => {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        class={primary ? 'primary' : undefined}
        disabled={disabled}
        onClick={() => input.current?.click()}
      >
        {children}
      </button>
      <input
        ref={input}
        type="file"
        accept={accept}
        hidden
        aria-label={label}
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          if (file !== undefined) chosen(file);
          // Without this, choosing the same file a second time would cause no change event.
          currentTarget.value = '';
        }}
      />
    </>
  );
};
