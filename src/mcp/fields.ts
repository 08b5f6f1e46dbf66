import { z } from 'zod';

/** Arguments that several tools share. A model reads what `describe` says of them. */
export const agentId = z.string().min(1).max(200).describe('Id or exact name of an agent');
export const runId = z.string().min(1).max(200).describe('From trigger_agent or list_runs');
export const contactId = z.string().min(1).max(254).describe('From list_contacts');
export const threadId = z.string().min(1).max(100).describe('From chat_with_agent or list_threads');
export const actionIndex = z.int().min(0);
export const expectedDigest = z.string().optional();
export const idempotencyKeyField = z.string().min(1).max(200).optional();

export function waitSeconds(most: number) {
  return z.number().min(0).max(most).optional();
}
