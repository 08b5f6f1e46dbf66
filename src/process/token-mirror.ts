import type { Token } from '../domain/access/token.ts';
import { AppError } from '../domain/base/errors.ts';
import type { SharedTokens } from '../store/store.ts';

/** How often the tokens are read again. */
const LOOK_MS = 400;
/** Where they couldn't be read for so long, nobody can tell any more who may come in. */
const STALE_MS = 5_000;

/**
 * The tokens of a home whose store has them, as this process knows them: what was made or revoked on another machine counts here
 * within a second.
 */
export class TokenMirror {
  private readonly shared: SharedTokens;
  private tokens: ReadonlyMap<string, Token> = new Map();
  private readAt = Number.NEGATIVE_INFINITY;
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(shared: SharedTokens) {
    this.shared = shared;
  }

  /** Reads them now. Where that can't be, those that want to come in are told after a while. */
  async refresh(): Promise<void> {
    const began = performance.now();
    const found = await this.shared.all().catch(() => undefined);
    if (!found || began < this.readAt) return;
    this.tokens = new Map(found.map((token) => [token.id, token]));
    this.readAt = began;
  }

  /** Reads them, and goes on to do so. */
  async begin(): Promise<void> {
    await this.refresh();
    if (this.isClosed) return;
    this.timer = setTimeout(() => void this.begin(), LOOK_MS);
    this.timer.unref();
  }

  /** The token with an id; undefined where there is none. STORE_ERROR where that can't be told. */
  read(id: string): Token | undefined {
    if (performance.now() - this.readAt < STALE_MS) return this.tokens.get(id);
    throw new AppError('STORE_ERROR', 'The tokens in the database could not be read for some time.');
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
  }
}
