import type { RawRows } from './raw-row.ts';

/** What a text holds as JSON; `first` are the values that it begins with: the whole one, or those of its first lines. */
export type JsonSample = { isLines: boolean; first: readonly unknown[] };

/** A text whose format is to be found. */
export type Sample = {
  /** Without its byte order mark. */
  text: string;
  /** How the name of its file ends, in lower case: `csv`. */
  extension: string | undefined;
  /** What it holds as JSON; undefined where neither name nor beginning says that it is any. Read once. */
  json: () => JsonSample | undefined;
};

/** One format in which contacts and events come as text: all that the house knows of it stands here. */
export type ImportFormat = {
  /** As the argument `format` names it. */
  name: string;
  /** As a sentence names it. */
  title: string;
  /** Whether a text is of this format. Formats further down the list are asked first. */
  detect: (sample: Sample) => boolean;
  /**
   * The rows of a text without its byte order mark. VALIDATION_ERROR where the text as a whole can't be read; what is
   * wrong with one row is that row's `problem`. LIMIT_EXCEEDED beyond 1,000,000 rows.
   */
  rows: (text: string) => RawRows;
};
