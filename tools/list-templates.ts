import { z } from 'zod';
import { TEMPLATES } from '../src/domain/templates/index.ts';
import { findTemplate } from '../src/engine/agent-fields.ts';
import { defineTool, READS } from '../src/mcp/define-tool.ts';

export const listTemplatesTool = defineTool({
  name: 'list_templates',
  title: 'List templates',
  description:
    'Lists the playbook templates that create_agent takes as playbook_template. Naming one gives its playbook_md and rules, to read or to start from.',
  toolset: 'agents',
  hints: READS,
  input: z.strictObject({ template: z.string().optional() }),
  output: { templates: 'array' },
  async handler({ template }) {
    if (template !== undefined) return { templates: [findTemplate(template)] };
    return { templates: TEMPLATES.map(({ name, description, capabilities }) => ({ name, description, capabilities })) };
  },
});
