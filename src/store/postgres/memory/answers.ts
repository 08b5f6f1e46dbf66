import type { Client } from 'pg';
import type { Attention } from './family.ts';
import type { PutRow } from './load-rows.ts';

/** A decision asks for more than documents after others of its transaction: it is decided on what these have written. */
export class AskedTooSoon extends Error {}

/**
 * What queries find, for as long as no commit comes that may change it. A look that asks for what isn't there gets `none`, and runs again once it is.
 */
export class Answers<V> {
  readonly name: string;
  private readonly none: V;
  private readonly ask: (client: Client, key: string) => Promise<V>;
  private readonly attention: Attention;
  private readonly known = new Map<string, V>();

  constructor(name: string, none: V, attention: Attention, ask: (client: Client, key: string) => Promise<V>) {
    this.name = name;
    this.none = none;
    this.attention = attention;
    this.ask = ask;
  }

  get(key: string): V {
    if (this.attention.hasDrafted) throw new AskedTooSoon();
    const known = this.known.get(key);
    if (known !== undefined) return known;
    this.attention.miss(this.name, key);
    return this.none;
  }

  async load(client: Client, keys: Iterable<string>): Promise<PutRow[]> {
    const puts: PutRow[] = [];
    for (const key of keys) {
      const answer = await this.ask(client, key);
      puts.push(() => this.known.set(key, answer));
    }
    return puts;
  }

  clear(): void {
    if (this.known.size > 0) this.known.clear();
  }
}
