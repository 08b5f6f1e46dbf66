/** Sizes and times of a store on PostgreSQL. Tests make them small, or move them. */
export type PostgresTuning = {
  /** Looks and decisions run twice and fail where the results differ. */
  runsTwice: boolean;
  /** What is added to the database's clock, in ms, where it tells who lives and what is kept. */
  aheadMs: () => number;
  /** Rows in memory may have about so many bytes of JSON. Beyond that, those that weren't used for longest are dropped. */
  memoryBytes: number;
  /** What one of the last so many looks asked for stays even then: a run that goes on, the part of an import that is being made. */
  looksInUse: number;
  /** What a process reads first is written again after so many commits. */
  snapshotEvery: number;
  /** A segment of the log is sealed once it has so many bytes, as in a home of files. */
  segmentBytes: number;
  /** For so many ms a database that is away is waited for. */
  patienceMs: number;
};

export const POSTGRES_TUNING: PostgresTuning = {
  runsTwice: false,
  aheadMs: () => 0,
  memoryBytes: 24 << 20,
  looksInUse: 100,
  snapshotEvery: 1_000,
  segmentBytes: 1 << 20,
  patienceMs: 20_000,
};
