/** Sizes and times of the store. Tests make them small, so that seconds show what otherwise takes months. */
export type Tuning = {
  /** A segment of the log is sealed once it has so many bytes. */
  segmentBytes: number;
  /** Snapshots are written so many milliseconds after a commit. */
  saveAfterMs: number;
  /**
   * A snapshot of at most so many bytes is written whenever it is out of date; a larger one once the log has grown by
   * as many bytes as it has.
   */
  smallBytes: number;
  /**
   * Documents in memory may have about so many bytes of JSON. Beyond that, the documents that weren't used for longest
   * are dropped.
   */
  memoryBytes: number;
  /**
   * After so many bytes a process that writes looks what it need not hold in memory any more. It may then have more than it
   * should, because that isn't in snapshots.
   */
  muchBytes: number;
  /**
   * Where the snapshots lack so many bytes of log, the log is read once, from the start, and not for each document. A
   * sixteenth of that is enough where there are no snapshots at all.
   */
  farBytes: number;
  /** Looks and decisions run twice and fail where the results differ, because another store may run them again. */
  runsTwice: boolean;
  /** Opening a home of an earlier format raises it. Without this, the first commit does. */
  raises: boolean;
};

export const TUNING: Tuning = {
  segmentBytes: 1 << 20,
  saveAfterMs: 1_500,
  smallBytes: 64 << 10,
  memoryBytes: 96 << 20,
  muchBytes: 8 << 20,
  farBytes: 64 << 20,
  runsTwice: false,
  raises: true,
};
