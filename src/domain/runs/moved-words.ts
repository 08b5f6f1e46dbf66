import { isNotKept, type MovedItem } from './seen.ts';

const LONGEST = 120;
const MOST_NAMED = 8;

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return typeof value === 'string' ? `"${cut}"` : cut;
}

function fieldInWords({ what, before, after }: MovedItem): string {
  const name = what === 'email' ? "the recipient's address (email)" : what;
  if (before === undefined) return `${name} is new: ${shown(after)}`;
  if (after === undefined) return `${name} was ${shown(before)} and is gone`;
  return `${name} changed from ${shown(before)} to ${shown(after)}`;
}

/** What moved since an action was proposed, as a person reads it: one sentence each, without its period. */
export function movedInWords(moved: readonly MovedItem[]): string[] {
  return moved.map((each) => {
    const { what, before, after } = each;
    const more = after === undefined ? '' : `: ${shown(after)}`;
    switch (what) {
      case 'replied':
      case 'wrote':
      case 'unsubscribed':
      case 'complained':
        return `the contact ${what}${more}`;
      case 'booked':
        return `the contact booked a meeting${more}`;
      case 'bounced':
        return `a message to the contact bounced${more}`;
      case 'message sent':
        return `another message was sent to the contact${more}`;
      case 'rule no longer holds':
        return `the rule ${shown(before)} that proposed this no longer holds`;
      case 'other fields':
        return 'fields of the contact changed that are not kept one by one';
      default:
        return isNotKept(each)
          ? 'it comes from an earlier version of Countersign: what changed meanwhile is not known'
          : fieldInWords(each);
    }
  });
}

const MOST_SENTENCES = 5;

/** What moved since an action was proposed, in a few words of one line. */
export function movedBriefly(moved: readonly MovedItem[]): string {
  const rest = moved.length - MOST_SENTENCES;
  const sentences = movedInWords(moved.slice(0, MOST_SENTENCES)).join('; ');
  return rest > 0 ? `${sentences}; and ${rest} more` : sentences;
}

/** The names of what moved, a few of them, in one line. */
export function movedNames(moved: readonly MovedItem[]): string {
  const names = moved.slice(0, MOST_NAMED).map(({ what }) => what);
  const rest = moved.length - names.length;
  return `${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
