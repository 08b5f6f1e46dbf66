import { coldOutreach } from './cold-outreach.ts';
import { followUpTemplate } from './follow-up.ts';
import { inactiveReengagement } from './inactive-reengagement.ts';
import { pricingVisitorFollowup } from './pricing-visitor-followup.ts';
import { supportTriage } from './support-triage.ts';
import type { PlaybookTemplate } from './template.ts';
import { trialEnding } from './trial-ending.ts';

/** All playbook templates, under the names that `playbook_template` takes (contract, section 3). */
export const TEMPLATES: readonly PlaybookTemplate[] = [
  coldOutreach,
  followUpTemplate,
  pricingVisitorFollowup,
  inactiveReengagement,
  trialEnding,
  supportTriage,
];
