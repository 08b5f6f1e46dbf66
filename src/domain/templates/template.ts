import type { Rule } from '../agents/rule.ts';

/** A playbook to start from: markdown for a model, and rules that do the same without a model. */
export type PlaybookTemplate = {
  name: string;
  description: string;
  capabilities: string[];
  playbook_md: string;
  rules: Rule[];
};
