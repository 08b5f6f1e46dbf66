import { type DeskMarks, PAGE_SAID_MS } from '../files/desk-marks.ts';
import type { Starting } from '../http/start.ts';

/** The stream that a page of the desk holds open for as long as it is open itself. */
const PAGE_STREAM = '/desk/events';

/** Sees the requests of a server, to know whether somebody uses it. */
export type PageWatch = {
  watch: NonNullable<Starting['watch']>;
  /** Since when nothing was asked and no page is open, in ms; undefined while somebody uses the server. */
  idleSince: () => number | undefined;
  stop: () => void;
};

/** Watches the pages of the desk that are open at a server, and tells the other processes of the home of them. */
export function watchPages(marks: Pick<DeskMarks, 'sayPage' | 'endPage'>, now: () => number = Date.now): PageWatch {
  let [underWay, pages, lastUsed] = [0, 0, now()];
  let saying: NodeJS.Timeout | undefined;

  /** What can't be written down is no reason to answer nobody. */
  function quietly(tell: () => void): void {
    try {
      tell();
    } catch {
      // The home's next write says what is wrong with it.
    }
  }

  function pageOpened(): void {
    pages++;
    if (pages > 1) return;
    quietly(marks.sayPage);
    saying = setInterval(() => quietly(marks.sayPage), PAGE_SAID_MS).unref();
  }

  function pageClosed(): void {
    pages--;
    if (pages > 0) return;
    saying = void clearInterval(saying);
    quietly(marks.endPage);
  }

  return {
    watch(request, response) {
      const isPage = request.url?.split('?', 1)[0] === PAGE_STREAM;
      underWay++;
      if (isPage) pageOpened();
      response.once('close', () => {
        underWay--;
        lastUsed = now();
        if (isPage) pageClosed();
      });
    },
    idleSince: () => (underWay > 0 ? undefined : lastUsed),
    stop() {
      if (pages > 0) quietly(marks.endPage);
      clearInterval(saying);
    },
  };
}
