/** The fixed part of a capability such as `mcp:<server>`, before the name; undefined for a plain word. */
function openingOf(capability: string): string | undefined {
  const at = capability.indexOf('<');
  return at < 0 ? undefined : capability.slice(0, at);
}

/** Whether a word of an agent's `capabilities` gives a capability: `mcp:crm` gives `mcp:<server>`. */
export function gives(word: string, capability: string): boolean {
  const opening = openingOf(capability);
  return opening === undefined ? word === capability : word.startsWith(opening);
}

/** The names that an agent's words fill into a capability such as `mcp:<server>`, each once. */
export function serversIn(words: readonly string[], capability: string): string[] {
  const opening = openingOf(capability);
  if (opening === undefined) return [];
  const given = words.filter((word) => word.startsWith(opening));
  return [...new Set(given.map((word) => word.slice(opening.length)))];
}

/** A capability as a sentence names it: `the capability "email"`, `a capability "mcp:<server>"`. */
export function capabilityWords(capability: string): string {
  return `${openingOf(capability) === undefined ? 'the' : 'a'} capability "${capability}"`;
}
