import type { Usage } from '../base/usage.ts';

/** USD that models cost on each day (UTC, as YYYY-MM-DD), by agent. Days of long ago are dropped. */
export type Spent = ReadonlyMap<string, Readonly<Record<string, number>>>;

/** A month and what precedes it: nothing asks for what was spent earlier. */
const KEPT_DAYS = 70;
const DAY_MS = 86_400_000;

/** Days with what was spent at a time added. */
export function withCost(days: Readonly<Record<string, number>>, at: string, usd: number): Record<string, number> {
  const day = at.slice(0, 10);
  const oldest = new Date(Date.parse(at) - KEPT_DAYS * DAY_MS).toISOString().slice(0, 10);
  const kept = Object.entries(days).filter(([each]) => each >= oldest);
  return { ...Object.fromEntries(kept), [day]: Number(((days[day] ?? 0) + usd).toFixed(9)) };
}

/** What models cost in all, as far as that is known. */
export function costIn(usages: readonly (Usage | undefined)[]): number {
  return usages.reduce((sum, usage) => sum + (usage?.cost_usd ?? 0), 0);
}

/** What was spent on the day and in the month of a time, by some agents or by all. */
export function spentIn(spent: Spent, now: Date, agentId?: string): { day: number; month: number } {
  const at = now.toISOString();
  const total = { day: 0, month: 0 };
  for (const [id, days] of spent) {
    if (agentId !== undefined && id !== agentId) continue;
    for (const [day, usd] of Object.entries(days)) {
      if (day === at.slice(0, 10)) total.day += usd;
      if (day.slice(0, 7) === at.slice(0, 7)) total.month += usd;
    }
  }
  return total;
}
