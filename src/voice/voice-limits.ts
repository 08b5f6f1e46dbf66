/** The most bytes of a spoken answer (contract, "Audio"), and of a service's answer that holds a transcript. */
export const MOST_ANSWER_BYTES = 10 << 20;
export const MOST_TRANSCRIPT_BYTES = 2 << 20;
/** The most characters of a transcript: as many as a person's message may have. */
export const LONGEST_TRANSCRIPT = 100_000;
