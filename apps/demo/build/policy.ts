import type { Plugin } from 'vite';

/**
 * Content security policy of the page. The page loads files only from its own host. Inline scripts and `eval` are
 * blocked. Compiling WebAssembly is allowed. URLs with `blob:` and `data:` are allowed only for pictures.
 */
const POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "worker-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/**
 * Security headers for hosts that can send headers. On a host that cannot send headers, the policy in the HTML still
 * applies, and the page works without cross-origin isolation. Only a header can restrict which sites may embed the page
 * in a frame.
 */
export const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': `${POLICY}; frame-ancestors 'self'`,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'X-Content-Type-Options': 'nosniff',
};

/**
 * Vite plugin that writes the content security policy into the HTML of the page, for hosts that send no headers. The
 * development server omits the policy, because the client of vite adds inline styles.
 */
export const contentPolicy = (): Plugin => ({
  name: 'content-policy',
  apply: 'build',
  transformIndexHtml: () => [
    { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY }, injectTo: 'head-prepend' },
  ],
});
