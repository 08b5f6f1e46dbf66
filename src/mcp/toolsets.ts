/** Groups of tools that a person can choose from (COUNTERSIGN_TOOLSETS). Each has a tool in this build. */
export const TOOLSETS = ['agents', 'runs', 'review', 'contacts', 'chat'] as const;
export type Toolset = (typeof TOOLSETS)[number];
