import { z } from 'zod';
import { type AppError, invalid } from '../base/errors.ts';
import { isObject } from '../base/json.ts';
import { isOwnFormat } from './countersign.ts';
import { DIALECTS } from './index.ts';
import type { AgentDialect, BodyFields } from './mapping/dialect.ts';
import { type AgentFormat, OWN_FORMAT } from './mapping/formats.ts';

/** The fields that a document has to have, whatever its other fields are. */
function requiredFields({ document }: AgentDialect): string[] {
  return Object.entries(document.shape)
    .filter(([, schema]) => !(schema instanceof z.ZodOptional || schema instanceof z.ZodExactOptional))
    .map(([name]) => name);
}

/** How a body looks to a dialect: which of its telling fields it has, and what the dialect requires and the body lacks. */
type Look = { dialect: AgentDialect; telling: string[]; missing: string[]; foreign: number };

function lookOf(dialect: AgentDialect, body: BodyFields): Look {
  const names = Object.keys(body);
  const isKnown = (name: string) => Object.hasOwn(dialect.document.shape, name) || dialect.answerFields.includes(name);
  return {
    dialect,
    telling: dialect.telling.filter((name) => Object.hasOwn(body, name)),
    missing: requiredFields(dialect).filter((name) => !Object.hasOwn(body, name)),
    foreign: names.filter((name) => !isKnown(name)).length,
  };
}

function cantTell(looks: readonly Look[], why: string): AppError {
  const possible = looks.map(({ dialect }) => dialect.name);
  const lacks = looks.map(({ dialect, missing }) =>
    missing.length === 0 ? dialect.title : `${dialect.title}, which would also need ${missing.join(', ')}`,
  );
  const which = lacks.length > 0 ? ` It may be of ${lacks.join('; or of ')}.` : '';
  return invalid(
    `${why}${which} Say which it is: format ${[OWN_FORMAT, ...DIALECTS.map(({ name }) => name)].join(', ')}.`,
    { format: 'not told by the body', possible },
  );
}

/**
 * Which format a body has, told by its fields alone: the one whose required fields are all there, with a field that only it
 * or few others have. Of several, the only one to which no field is foreign.
 *
 * @throws AppError VALIDATION_ERROR that names those that are possible, where none or several are
 */
export function recognised(body: BodyFields): AgentFormat {
  if (isOwnFormat(body)) return OWN_FORMAT;
  const looks = DIALECTS.map((dialect) => lookOf(dialect, body)).filter(({ telling }) => telling.length > 0);
  const whole = looks.filter(({ missing }) => missing.length === 0);
  const exact = whole.filter(({ foreign }) => foreign === 0);
  const [first, ...others] = exact.length === 1 ? exact : whole;
  if (first && others.length === 0) return first.dialect.name;
  if (first) throw cantTell(whole, 'The payload fits several formats.');
  if (looks.length > 0) throw cantTell(looks, 'The payload fits no format whole.');
  const named = DIALECTS.map((dialect) => lookOf(dialect, body)).filter(({ missing }) => missing.length === 0);
  throw cantTell(named, 'The payload has no field by which its format is known.');
}

/** The agent within an answer: Pathbound's `{status, agent}`, TalkifAI's `{success, data}`; any other body is the agent itself. */
export function withinAnswer(body: BodyFields): BodyFields {
  if (isObject(body.agent) && body.status === 'success') return body.agent;
  if (isObject(body.data) && body.success === true) return body.data;
  const list = [body.agents, body.data].find((item) => Array.isArray(item));
  if (list !== undefined && body.name === undefined)
    throw invalid('The payload is a list of agents. Give one of them at a time.', { payload: 'a list' });
  return body;
}
