import type { z } from 'zod';
import type { Agent } from '../../agents/agent.ts';

/** The other products whose bodies of agents we read and write, by the names that `format` of the tools has. */
export const DIALECT_NAMES = ['pathbound', 'make', 'converra', 'talkifai'] as const;
export type DialectName = (typeof DIALECT_NAMES)[number];

export type BodyFields = Record<string, unknown>;
/** What a body or an agent says that the other side can't take: where it stood, and why it was left out. */
export type NotCarried = { path: string; why: string };

/** A field of a dialect and the field of ours that means the same, each as a path of at most two names. */
export type FieldPair = {
  theirs: string;
  ours: string;
  /** Ours alone: the dialect's documentation lacks it, so it is written only where a body of the dialect gave it. */
  isOurs?: true;
};

/**
 * What a body says of an agent. While a dialect reads, `fields` is built up by paths; `body.ts` checks it in the end.
 */
export type BodyReading = {
  /** Fields of ours. */
  fields: BodyFields;
  /** Fields of ours that an update takes away, as `clear` of `update_agent` names them. */
  clear: string[];
  /**
   * What `origin.fields` keeps: all that no field of ours can say, and what was said although it is the default, so that
   * writing the body gives it back.
   */
  kept: BodyFields;
  /** The id in a body that came as an answer. */
  id?: string;
  /** Whether the body asks for an active agent; undefined where it doesn't say. */
  active?: boolean;
  /** Paths of the body that fields of ours say. */
  carried: string[];
  not_carried: NotCarried[];
  warnings: string[];
};

/** What a dialect has to know beside the body. `before`: the agent that the body updates. */
export type ReadingTerms = {
  hasIdentity: (id: string) => boolean;
  before?: Agent | undefined;
};

/** A body as its reader gives it: what it says of an agent, with fields that fit the agent's own schema. */
export type BodyRead<F> = Omit<BodyReading, 'fields'> & { fields: F };

export type Written = { payload: BodyFields; not_carried: NotCarried[] };

/** One public agent API: what its bodies are, and how they and agents of ours become one another. Pure. */
export type AgentDialect = {
  name: DialectName;
  /** The product's name, for texts. */
  title: string;
  /** The body of `POST`, of `PATCH`, and of a body that was exported there or read by `GET`: strict objects. */
  create: z.ZodObject;
  patch: z.ZodObject;
  document: z.ZodObject;
  /** The agent in the product's answers; undefined where those are our own agents. */
  answer?: z.ZodObject;
  /** Fields that only answers have, as paths: a client may send them back, and they are ignored. */
  answerFields: readonly string[];
  /** Those of them that look like settings, and how an agent says each: a body that asks for another value is told so. */
  settled: Readonly<Record<string, (agent: Agent) => unknown>>;
  /** Those of them that are ids and times. The others are named as not carried when an agent is imported. */
  stamps: readonly string[];
  /** Fields by which a body is known: no other dialect has them, or few do. */
  telling: readonly string[];
  pairs: readonly FieldPair[];
  /** Whether an agent made by this API is active at once; else it is as asked, and a draft unless it is asked. */
  isBornActive: boolean;
  /** What the pairs can't do when a body is read: it may change everything of the reading. */
  afterReading: (body: BodyFields, reading: BodyReading, terms: ReadingTerms) => void;
  /** What the pairs can't do when a body is written. `kept` is already in the payload. */
  afterWriting: (agent: Agent, written: Written) => void;
  /** Paths of ours that `afterWriting` writes, or names itself. */
  says: readonly string[];
};
