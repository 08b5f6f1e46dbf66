import type { LongText } from './long-text.ts';
import type { RowSource } from './raw-row.ts';

/**
 * A text read as JSON. `isLines`: each line is a value of its own. `first` are the values of the first lines, or the
 * one value of the whole text.
 */
export type JsonSample = { isLines: boolean; first: readonly unknown[] };

/** A text whose format is to be detected. */
export type Sample = {
  /** The first characters of the text, some millions of them, without its byte order mark. */
  beginning: string;
  /** The extension of the file's name, in lower case, such as `csv`. */
  extension: string | undefined;
  /** The text read as JSON; undefined where neither the file's name nor the beginning looks like it. Parses once. */
  json: () => JsonSample | undefined;
};

/** A text format of contacts and events: everything that the product knows of the format stands in its entry. */
export type ImportFormat = {
  /** The format's value of the argument `format`. */
  name: string;
  /** The format's name in a sentence. */
  title: string;
  /** Whether a text is of this format. Formats further down in `IMPORT_FORMATS` are asked first. */
  detect: (sample: Sample) => boolean;
  /**
   * The rows of a text. VALIDATION_ERROR, at once or when it is gone through, where the text as a whole can't be read;
   * what is wrong with one row is that row's `problem`. LIMIT_EXCEEDED beyond 1,000,000 rows.
   */
  rows: (text: LongText) => RowSource;
};
