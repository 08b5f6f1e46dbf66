import type { ActionAsShown, PendingAsShown } from '../../src/engine/base/shown/action.ts';
import type { BrakeAsShown } from '../../src/engine/base/shown/brake.ts';
import type { ChangeAsShown } from '../../src/engine/base/shown/change.ts';

// What the server sends, by the shapes that it shows everywhere.

export type Ref = { run_id: string; contact_id: string; action_index: number };
export type LabelledLine = [label: string, text: string];
export type NeededProof = 'client' | 'elicited' | 'human' | 'signed';

/** One action that waits, whole, with the nonce that a decision on it takes. */
export type QueueRow = Extract<PendingAsShown, { agent_name: string }> & {
  nonce: string;
  needs: NeededProof;
  headline?: string;
  hidden?: number;
};

/** A change that waits: a mandate, a base URL, what an import would overlook. */
export type QueueChange = Omit<ChangeAsShown, 'needs'> & {
  nonce: string;
  binding: string;
  needs: NeededProof;
  lines: LabelledLine[];
};

export type QueueGroup = { agent_id: string; agent_name: string; type: string; count: number };

export type QueueAnswer = {
  actions: QueueRow[];
  total: number;
  total_waiting: number;
  unknown: number;
  groups: QueueGroup[];
  changes: QueueChange[];
  changes_total: number;
  brake: BrakeAsShown;
  last_decided?: { at: string; by: string };
};

export type SeenEvent = { type: string; name?: string; properties: Record<string, unknown>; timestamp: string };
/** Something that was done or proposed for a contact before. */
export type EarlierAction = {
  type: string;
  status?: string | undefined;
  params?: Record<string, unknown>;
  headline?: string;
  reason?: string;
  at: string;
};
export type PastRejection = {
  type: string;
  headline?: string;
  status?: string | undefined;
  reason?: string;
  at: string;
};

/** All that a person looks at before deciding on one action. */
export type StoryOfRow = {
  row: QueueRow;
  lines: LabelledLine[];
  moved: LabelledLine[];
  against?: string;
  lacks?: string;
  params: Record<string, unknown>;
  proposed_params: Record<string, unknown>;
  edited: boolean;
  reasoning: string;
  profile: Record<string, unknown>;
  events: SeenEvent[];
  recent: EarlierAction[];
  rejections: EarlierAction[];
  may_revise: boolean;
  why_not_revise?: string;
};

export type KeptEdit = { digest: string; nonce: string; lines: LabelledLine[]; params: Record<string, unknown> };

export type PasskeyRow = { id: string; name: string; added_at: string; by_button: boolean };

export type Me = {
  person: { name: string; role?: string; team?: number };
  may: { read: boolean; write: boolean; trigger: boolean; approve: boolean };
  home: string;
  version: string;
  url: string;
  passkeys: PasskeyRow[];
  signing: boolean;
  may_enrol: boolean;
};

export type SkippedRow = Ref & { reason: string; needed?: string };
export type DecisionAnswer = { decided?: number; skipped?: SkippedRow[]; actions?: ActionAsShown[]; told?: string };
