import { nounOf } from '../../engine/review/questions.ts';

/** A noun for several: "emails", "posts to a web address". */
function plural(noun: string): string {
  return / (of|to) /.test(noun) ? noun.replace(/ (of|to) /, 's $1 ') : `${noun}s`;
}

/** Actions in words, by their types: "7 emails and 1 note". */
export function countedNouns(types: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const type of types) counts.set(nounOf(type), (counts.get(nounOf(type)) ?? 0) + 1);
  const parts = [...counts].map(([noun, count]) => `${count} ${count === 1 ? noun : plural(noun)}`);
  const last = parts.pop() ?? 'nothing';
  return parts.length === 0 ? last : `${parts.join(', ')} and ${last}`;
}
