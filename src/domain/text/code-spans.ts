/** Code in Markdown: a fence, or a span of one line. */
const CODE = /```[\s\S]*?```|(?<!`)`(?!`)[^`\n]{1,300}`(?!`)/g;
/** Longer texts are no chat replies: nobody shows code in them. */
const LONGEST_TEXT = 100_000;

/** Tells whether a place of a text stands in code. Asked for places in order, each at or behind `from`. */
export type InCode = (at: number, from: number) => boolean;

/** A fence at the very beginning holds the reply itself. */
function isReply(text: string, { 0: code, index }: RegExpExecArray): boolean {
  return code.startsWith('```') && text.slice(0, index).trim() === '';
}

/** Looks for code from `from` on: what stands before it doesn't open any. */
export function codeIn(text: string): InCode {
  const code = new RegExp(CODE);
  let span: RegExpExecArray | null | undefined;
  let looked = -1;
  return (at, from) => {
    if (text.length > LONGEST_TEXT || !text.includes('`')) return false;
    if (from > looked) {
      code.lastIndex = from;
      span = code.exec(text);
      looked = from;
    }
    while (span && span.index + span[0].length <= at) {
      looked = span.index + span[0].length;
      span = code.exec(text);
    }
    return span ? span.index < at && !isReply(text, span) : false;
  };
}
