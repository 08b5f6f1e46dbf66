import { z } from 'zod';
import { TEMPLATES } from '../src/domain/templates/index.ts';
import { findTemplate } from '../src/engine/agents/fields.ts';
import { defineTool, READS } from '../src/mcp/define-tool.ts';

export const listTemplatesTool = defineTool({
  name: 'list_templates',
  title: 'List templates',
  description:
    'Lists the playbook templates that create_agent takes as playbook_template. template names one, to get its playbook_md and rules.',
  toolset: 'agents',
  scopes: ['agents:read'],
  hints: READS,
  input: z.strictObject({ template: z.string().optional() }),
  output: { templates: 'array' },
  resources: [
    {
      name: 'playbook',
      title: 'Playbook template',
      uri: 'countersign://playbooks/{template}',
      description: 'One playbook template, as list_templates gives it when named',
      list: async () => TEMPLATES.map(({ name, description }) => ({ id: name, title: name, description })),
    },
  ],
  async handler({ template }) {
    if (template !== undefined) return { templates: [findTemplate(template)] };
    return { templates: TEMPLATES.map(({ name, description, capabilities }) => ({ name, description, capabilities })) };
  },
});
