import { z } from 'zod';

/** A prompt: what `playbook.playbook_md` takes, and never blank, because an agent needs a playbook. */
export const promptField = z
  .string()
  .min(1)
  .max(100_000)
  .refine((text) => text.trim() !== '', 'is blank: an agent needs a prompt');
export const modelField = z
  .string()
  .min(1)
  .max(200)
  .refine((name) => name.trim() !== '', "is blank: give a model's name");
export const temperatureField = z.number().min(0).max(2);
export const maxTokensField = z.int().min(1).max(1_000_000);
/** What our answers tell beside an agent, where a product's own answer is the agent itself. */
export const TOLD_BESIDE = ['warnings', 'change_id'] as const;
