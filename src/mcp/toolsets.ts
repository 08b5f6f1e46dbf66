/** Groups of tools that a person can choose from (COUNTERSIGN_TOOLSETS). Each has a tool in this build. */
export const TOOLSETS = ['agents', 'runs', 'review', 'contacts', 'chat', 'insights', 'transfer'] as const;
export type Toolset = (typeof TOOLSETS)[number];

type Offered = { name: string; toolset: Toolset };

/** Which tools a process offers by its settings: those of its toolsets, and where it is read-only those that only read. */
export function toolFilterOf(settings: {
  toolsets: ReadonlySet<string>;
  readOnly: boolean;
}): (tool: Offered) => boolean {
  const { toolsets, readOnly } = settings;
  return (tool) => toolsets.has(tool.toolset) && (!readOnly || /^(list|get|export)_/.test(tool.name));
}
