import { type ElicitRequestFormParams, inputRequired } from '@modelcontextprotocol/server';

type Asked = ReturnType<typeof inputRequired.elicit>;
/** What is asked in one round, by name. */
type Round = Record<string, Asked>;
/** The rounds of a tool that asks its client. Where it has `state`, each round's is signed and has to come back. */
export type Questions = { rounds: readonly Round[]; state?: boolean; onlyWhatIsDeclared?: boolean };

type Schema = ElicitRequestFormParams['requestedSchema'];

function form(message: string, properties: Schema['properties'], required: string[] = Object.keys(properties)): Asked {
  return inputRequired.elicit({ message, requestedSchema: { type: 'object', properties, required } });
}

const name = (message = 'What is your name?') => form(message, { name: { type: 'string' } });
const confirm = { confirm: form('Please confirm', { ok: { type: 'boolean' } }) };

function sampling(words: string): Asked {
  return inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text: words } }],
    maxTokens: 100,
  });
}

/** A form with a default for every type (SEP-1034). */
const DEFAULTS: Schema['properties'] = {
  name: { type: 'string', default: 'John Doe' },
  age: { type: 'integer', default: 30 },
  score: { type: 'number', default: 95.5 },
  status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
  verified: { type: 'boolean', default: true },
};

const titled = (values: string[]) => values.map((value) => ({ const: value, title: `The ${value}` }));
const OPTIONS = ['option1', 'option2', 'option3'];
const VALUES = ['value1', 'value2', 'value3'];

/** A form with every kind of choice (SEP-1330). */
const CHOICES: Schema['properties'] = {
  untitledSingle: { type: 'string', enum: OPTIONS },
  titledSingle: { type: 'string', oneOf: titled(VALUES) },
  legacyEnum: { type: 'string', enum: ['opt1', 'opt2', 'opt3'], enumNames: ['One', 'Two', 'Three'] },
  untitledMulti: { type: 'array', minItems: 1, maxItems: 3, items: { type: 'string', enum: OPTIONS } },
  titledMulti: { type: 'array', minItems: 1, maxItems: 3, items: { anyOf: titled(VALUES) } },
};

/** The tools of the suite that ask their client. */
export const ASKING_TOOLS: Record<string, Questions> = {
  test_sampling: { rounds: [{ answer: sampling('Test prompt for sampling') }] },
  test_elicitation: { rounds: [{ answer: form('Please say something', { response: { type: 'string' } }) }] },
  test_elicitation_sep1034_defaults: { rounds: [{ answer: form('Please look at the defaults', DEFAULTS, []) }] },
  test_elicitation_sep1330_enums: { rounds: [{ answer: form('Please choose', CHOICES, []) }] },
  test_missing_capability: { rounds: [{ answer: sampling('A client that cannot answer is refused') }] },
  test_input_required_result_elicitation: { rounds: [{ user_name: name() }] },
  test_input_required_result_sampling: {
    rounds: [{ capital_question: sampling('What is the capital of France?') }],
  },
  test_input_required_result_list_roots: { rounds: [{ client_roots: inputRequired.listRoots() }] },
  test_input_required_result_request_state: { rounds: [confirm], state: true },
  test_input_required_result_tampered_state: { rounds: [confirm], state: true },
  test_input_required_result_multiple_inputs: {
    rounds: [{ user_name: name(), greeting: sampling('Generate a greeting'), client_roots: inputRequired.listRoots() }],
    state: true,
  },
  test_input_required_result_multi_round: {
    rounds: [
      { step1: name('Step 1: What is your name?') },
      { step2: form('Step 2: What is your favorite color?', { color: { type: 'string' } }) },
    ],
    state: true,
  },
  test_input_required_result_capabilities: {
    rounds: [{ user_name: name(), greeting: sampling('Generate a greeting') }],
    onlyWhatIsDeclared: true,
  },
};

/** The prompt of the suite that asks its client. */
export const PROMPT_QUESTIONS: Questions = {
  rounds: [{ user_context: form('What context should the prompt use?', { context: { type: 'string' } }) }],
};
