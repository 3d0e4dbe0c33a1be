import type { FunctionComponent, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/**
 * Returns a component whose code is loaded at its first use, so that loading the code does not delay the first training
 * step. If loading fails, the code is requested again at the next use.
 */
export const lazily = <Props extends object>(
  load: () => Promise<FunctionComponent<Props>>,
): ((props: Props) => JSX.Element | null) => {
  let loaded: FunctionComponent<Props> | undefined;
  return (props) => {
    const [Component, set] = useState(() => loaded);
    useEffect(() => {
      if (loaded !== undefined) return;
      load().then(
        (component) => {
          loaded = component;
          set(() => component);
        },
        () => {},
      );
    }, []);
    return Component === undefined ? null : <Component {...props} />;
  };
};
