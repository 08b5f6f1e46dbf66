/** A number of things in words: "1 email", "3 emails", "2 calls of a tool". What follows the first noun stays as it is. */
export function howMany(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`;
  const [, head = noun, rest = ''] = /^(.*?)( (?:of|to) .*)?$/.exec(noun) ?? [];
  return `${count} ${head}s${rest}`;
}
