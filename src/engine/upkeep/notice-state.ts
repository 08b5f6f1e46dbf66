import type { Deps } from '../../domain/base/deps.ts';
import type { Store } from '../../store/store.ts';
import { noticePlace } from './notice-post.ts';
import { recallNotices } from './notice-seat.ts';

/**
 * How notices stand: where they go (the host alone: the rest of a URL may be a secret), how, what was sent last, and what
 * keeps them from being sent.
 */
export type NoticesState = {
  host?: string;
  format?: 'json' | 'ntfy';
  details?: boolean;
  signed?: boolean;
  last_sent_at?: string;
  /** Why this process can't send any. */
  problem?: string;
  failed?: { at: string; message: string; again_at?: string };
};

/** How notices stand, by this process's own settings and by what any process has kept; undefined where nobody wants any. */
export async function noticesState(
  store: Pick<Store, 'recall'>,
  deps: Pick<Deps, 'config' | 'env'>,
): Promise<NoticesState | undefined> {
  const to = noticePlace(deps);
  if (to === undefined) return undefined;
  const kept = await recallNotices(store);
  if ('problem' in to) return { problem: to.problem };
  const { url, format, details, secret, token, place } = to;
  const sent = kept?.place === place ? kept : undefined;
  const again_at = sent?.trying?.not_before;
  return {
    ...{ host: new URL(url).host, format, details },
    signed: secret !== undefined || token !== undefined,
    ...(sent?.last_at === undefined ? {} : { last_sent_at: sent.last_at }),
    ...(sent?.failed ? { failed: { ...sent.failed, ...(again_at === undefined ? {} : { again_at }) } } : {}),
  };
}

/** The same for whoever checks a home: lines, and what they should do something about. */
export async function noticesInWords(
  store: Pick<Store, 'recall'>,
  deps: Pick<Deps, 'config' | 'env'>,
): Promise<{ lines: string[]; warnings: string[] }> {
  const state = await noticesState(store, deps);
  if (state === undefined) return { lines: [], warnings: [] };
  const { host, format, signed, last_sent_at, problem, failed } = state;
  if (problem !== undefined) return { lines: [], warnings: [`no notices of what waits can be sent: ${problem}`] };
  const again = failed?.again_at === undefined ? '' : ` It is tried again at ${failed.again_at}.`;
  return {
    lines: [
      `notices: to ${host} (${format}), ${last_sent_at === undefined ? 'none sent yet' : `last sent at ${last_sent_at}`}`,
    ],
    warnings: [
      ...(format === 'json' && !signed
        ? ["notify.secret_env isn't set: notices are not signed, so their receiver can't tell who sent them"]
        : []),
      ...(failed ? [`a notice could not be sent at ${failed.at}: ${failed.message}${again}`] : []),
    ],
  };
}
