/** The periods that can be asked for, in days. */
export const PERIODS = ['7', '30', '90', 'all'] as const;
export type PeriodName = (typeof PERIODS)[number];

const DAY_MS = 86_400_000;

/** From a time on, and before another one: ISO 8601. */
export type TimeSpan = { from: string; to: string };
/** A period, and the one of the same length before it; `all` begins with the agent, and has none before it. */
export type Period = { days: number | 'all'; span: TimeSpan; before: TimeSpan | undefined };

export function periodOf(days: PeriodName, now: Date, beginning: string): Period {
  const to = now.toISOString();
  if (days === 'all') return { days, span: { from: beginning, to }, before: undefined };
  const length = Number(days) * DAY_MS;
  const from = new Date(now.getTime() - length).toISOString();
  const earlier = new Date(now.getTime() - 2 * length).toISOString();
  return { days: Number(days), span: { from, to }, before: { from: earlier, to: from } };
}

export function inSpan<T extends { at: string }>(items: readonly T[], { from, to }: TimeSpan): T[] {
  return items.filter(({ at }) => at >= from && at < to);
}
