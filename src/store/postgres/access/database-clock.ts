/** After so many ms a new measure counts, though it may be a worse one: two clocks drift apart. */
const STALE_MS = 10_000;

type Measure = { told: number; at: number; slackMs: number };

/**
 * The time by the database's clock, which all processes of a home share. A process whose own clock is wrong would let everybody's
 * decisions expire. Until the database has told its time once, it is this machine's.
 */
export class DatabaseClock {
  private readonly own: () => Date;
  private measure: Measure | undefined;

  constructor(own: () => Date) {
    this.own = own;
  }

  /** Takes in the time that an answer tells, in ms since 1970, for which was asked `tookMs` ago. */
  learn(told: number, tookMs: number): void {
    const slackMs = tookMs / 2;
    const measure = { told: told + slackMs, at: performance.now(), slackMs };
    const { measure: before } = this;
    const isBetter = !before || slackMs <= before.slackMs || measure.at - before.at > STALE_MS;
    // Where both can't be true, a machine slept, or another database took over.
    if (isBetter || Math.abs(this.ms(before) - measure.told) > slackMs + before.slackMs + 1) this.measure = measure;
  }

  now(): Date {
    return this.measure ? new Date(this.ms(this.measure)) : this.own();
  }

  private ms({ told, at }: Measure): number {
    return told + performance.now() - at;
  }
}
