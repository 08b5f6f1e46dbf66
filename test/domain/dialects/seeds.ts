/** The bodies in the four products' own documentation. */
export const PATHBOUND_EXAMPLE = {
  name: 'Pricing visitor follow-up',
  description: 'Drafts a personal email when a contact visits /pricing twice in 7 days.',
  playbook: {
    playbook_md:
      'You are an SDR. For each contact, look at their recent events. If they visited /pricing 2+ times in the last 7 days and have not received an email from us in the last 3 days, propose a short, personal follow-up email referencing what they did on the site. Keep it under 80 words. If conditions are not met, propose no action.',
  },
  capabilities: ['email'],
  identity_id: 'id_123',
  monitoring: { filter: { lifecycle_stage: 'lead' }, schedule_cron: '0 14 * * 1-5', max_contacts_per_run: 25 },
  llm_config: { provider: 'anthropic', model: 'claude-opus-4-7', temperature: 0.4 },
  enabled: true,
};
export const CONVERRA_EXAMPLE = {
  name: 'Customer Support',
  content: 'You are a helpful customer support agent...',
  llmModel: 'gpt-4o',
  description: 'Main support chatbot',
  tags: ['support', 'production'],
};
export const CONVERRA_ANSWER = {
  id: 'agent_123',
  ...CONVERRA_EXAMPLE,
  status: 'active',
  createdAt: '2025-01-15T10:00:00Z',
  updatedAt: '2025-01-20T14:30:00Z',
};
export const TALKIFAI_PIPELINE = {
  name: 'Sales Bot',
  agentArchitecture: 'pipeline',
  model: 'gpt-4o',
  stt: 'deepgram',
  tts: 'cartesia',
  voiceId: 'some-cartesia-voice-id',
  systemPrompt: 'You are a helpful sales agent for Acme Corp...',
  language: 'en',
  mode: 'private',
  temperature: 0.7,
};
export const TALKIFAI_REALTIME = {
  name: 'Low Latency Support',
  agentArchitecture: 'realtime',
  realtimeProvider: 'openai',
  voiceId: 'alloy',
  systemPrompt: 'You are a support agent...',
  language: 'en',
  mode: 'public',
};
export const TALKIFAI_TEXT = {
  name: 'Support Chatbot',
  agentArchitecture: 'text',
  model: 'gpt-4o-mini',
  systemPrompt: 'You are a helpful support assistant...',
  language: 'en',
  mode: 'public',
};
export const TALKIFAI_ANSWER = {
  success: true,
  data: {
    id: 'agent_abc123',
    name: 'Customer Support',
    agentArchitecture: 'pipeline',
    model: 'gpt-4o',
    stt: 'deepgram',
    tts: 'cartesia',
    voiceId: 'voice_xyz',
    systemPrompt: 'You are a helpful customer support agent...',
    language: 'en',
    mode: 'public',
    active: true,
    temperature: 0.7,
    enabledFunctions: ['web_search'],
    enabledCustomFunctions: ['check_order_status'],
    createdAt: '2024-01-10T09:00:00Z',
    updatedAt: '2024-01-14T15:20:00Z',
  },
};
/** Make's documentation has a table of fields and no example: this body has all of them. */
export const MAKE_BODY = {
  name: 'Order desk',
  teamId: 7,
  makeConnectionId: 4711,
  defaultModel: 'gpt-4o-mini',
  systemPrompt: 'Answer questions about orders.',
  outputParserFormat: {
    type: 'make-schema',
    schema: [
      { name: 'reply', type: 'text', label: 'Reply', required: true },
      {
        name: 'items',
        type: 'array',
        spec: [
          { name: 'sku', type: 'text' },
          { name: 'count', type: 'integer' },
        ],
      },
    ],
  },
};
