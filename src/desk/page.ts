import { createHash } from 'node:crypto';
import type { OpenRoute } from '../http/front.ts';

/** What nobody may do with the page, and what the page may do: its own script and style, and calls to this server. */
const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy':
    'publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), microphone=(), geolocation=(), payment=(), usb=()',
};

const MISSING =
  'The page of the desk is missing: desk.html stands beside the program, and npm run build makes it. Until then, countersign review decides in a terminal.\n';

/** The hashes of what stands between the tags of this name, as a browser computes them. */
function hashesOf(page: string, tag: 'script' | 'style'): string[] {
  const inside = page.matchAll(new RegExp(`<${tag}\\b[^>]*>([\\s\\S]*?)</${tag}>`, 'gi'));
  return [...inside].map(([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
}

/** The policy of a page: nothing but what its own text holds. */
function pagePolicy(page: string): string {
  const only = (hashes: readonly string[]) => (hashes.length > 0 ? hashes.join(' ') : "'none'");
  return [
    "default-src 'none'",
    `script-src ${only(hashesOf(page, 'script'))}`,
    `style-src ${only(hashesOf(page, 'style'))}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

/** What goes with a page, by its text. */
export function pageHeaders(page: string): Record<string, string> {
  return { ...HEADERS, 'content-security-policy': pagePolicy(page) };
}

/** `/`: the page of the desk. It is open to all, and holds nothing secret. */
export function pageRoute(page: string | undefined): OpenRoute {
  const headers = pageHeaders(page ?? '');
  const type = page === undefined ? 'text/plain; charset=utf-8' : 'text/html; charset=utf-8';
  return {
    methods: ['GET', 'HEAD'],
    answer: ({ method }) =>
      new Response(method === 'HEAD' ? null : (page ?? MISSING), {
        status: page === undefined ? 503 : 200,
        headers: { ...headers, 'content-type': type },
      }),
  };
}
