import type { Attention } from '../memory/family.ts';

/** What several looks asked for in vain, by family. */
export class MissedByJobs {
  private readonly byFamily = new Map<string, Set<string>>();

  get isEmpty(): boolean {
    return this.byFamily.size === 0;
  }

  add({ missed }: Attention): void {
    for (const [family, ids] of missed)
      this.byFamily.set(family, new Set([...(this.byFamily.get(family) ?? []), ...ids]));
  }

  /** Has all of it noted as missed. Gives false: something is missing. */
  giveTo(attention: Attention): false {
    attention.missed.clear();
    for (const [family, ids] of this.byFamily) for (const id of ids) attention.miss(family, id);
    return false;
  }
}
