/** An answer that takes longer, in ms, is taken for lost: then a connection may look alive and pass nothing on. */
const ANSWERED_MS = 5_000;
/** So much longer it may take for each byte that is sent. */
const BYTE_MS = 0.005;

/** A statement as the driver takes it, with the time within which its answer has to come; `bytes` is what it sends. */
export function withinTime(text: string, values: unknown[], bytes = 0) {
  return { text, values, query_timeout: Math.round(ANSWERED_MS + bytes * BYTE_MS) };
}
