/** Where the store strikes its balances. Tests make them small, to have in seconds what takes months. */
export type Tuning = {
  /** A segment of the log ends with the commit that takes it past this. */
  segmentBytes: number;
  /** Snapshots follow this long after a commit, when there is time. */
  saveAfterMs: number;
  /** Snapshots up to this size are written whenever they are behind, larger ones when the log has grown by as much. */
  smallBytes: number;
  /** Families' documents in memory take about this much as JSON; what wasn't used for longest goes. */
  memoryBytes: number;
  /** Looks and decisions run twice, and fail where they come out differently: what a second store may ask of them. */
  runsTwice: boolean;
};

export const TUNING: Tuning = {
  segmentBytes: 1 << 20,
  saveAfterMs: 1_500,
  smallBytes: 64 << 10,
  memoryBytes: 32 << 20,
  runsTwice: false,
};
