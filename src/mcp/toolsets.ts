/** Groups of tools that a person can choose from (COUNTERSIGN_TOOLSETS). */
export const TOOLSETS = ['agents', 'runs', 'review', 'contacts', 'chat', 'insights', 'transfer'] as const;
export type Toolset = (typeof TOOLSETS)[number];
