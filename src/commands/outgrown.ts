/** The most bytes of log, and the longest time for the first list of contacts, that the store of JSON files is made for. */
const MOST_LOG_BYTES = 1 << 30;
const LONGEST_LIST_MS = 5_000;

/** Whether a home has outgrown the store of JSON files, in words that say what to do; undefined where it hasn't. */
export function outgrown({ bytes, listMs }: { bytes: number; listMs: number }): string | undefined {
  const gigabytes = `its log has ${(bytes / 2 ** 30).toFixed(1)} GB, and 1 GB is what it is made for`;
  const seconds = `its first list of contacts took ${Math.round(listMs / 1_000)} s, and 5 s is the most that it should take`;
  const signs = [...(bytes > MOST_LOG_BYTES ? [gigabytes] : []), ...(listMs > LONGEST_LIST_MS ? [seconds] : [])];
  if (signs.length === 0) return undefined;
  return `the home has outgrown the store of JSON files: ${signs.join('; ')}. Delete contacts that no agent needs, or give each team a home of its own (COUNTERSIGN_HOME)`;
}
