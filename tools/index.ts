import type { Tool } from '../src/mcp/define-tool.ts';
import { approveActionTool } from './approve-action.ts';
import { backtestAgentTool } from './backtest-agent.ts';
import { cancelRunTool } from './cancel-run.ts';
import { chatWithAgentTool } from './chat-with-agent.ts';
import { createAgentTool } from './create-agent.ts';
import { deleteAgentTool } from './delete-agent.ts';
import { deleteContactTool } from './delete-contact.ts';
import { endThreadTool } from './end-thread.ts';
import { exportAgentTool } from './export-agent.ts';
import { getAgentTool } from './get-agent.ts';
import { getAgentInsightsTool } from './get-agent-insights.ts';
import { getContactTool } from './get-contact.ts';
import { getRunTool } from './get-run.ts';
import { getThreadTool } from './get-thread.ts';
import { importAgentTool } from './import-agent.ts';
import { importContactsTool } from './import-contacts.ts';
import { listAgentsTool } from './list-agents.ts';
import { listContactsTool } from './list-contacts.ts';
import { listIdentitiesTool } from './list-identities.ts';
import { listPendingActionsTool } from './list-pending-actions.ts';
import { listRunsTool } from './list-runs.ts';
import { listTemplatesTool } from './list-templates.ts';
import { listThreadsTool } from './list-threads.ts';
import { nextEvaluationTool } from './next-evaluation.ts';
import { openDeskTool } from './open-desk.ts';
import { rejectActionTool } from './reject-action.ts';
import { reviewActionsTool } from './review-actions.ts';
import { reviseActionTool } from './revise-action.ts';
import { saveIdentityTool } from './save-identity.ts';
import { setBrakeTool } from './set-brake.ts';
import { settleActionTool } from './settle-action.ts';
import { submitEvaluationTool } from './submit-evaluation.ts';
import { triggerAgentTool } from './trigger-agent.ts';
import { updateAgentTool } from './update-agent.ts';

/** Every tool, in the order in which clients list them. */
export const TOOLS: readonly Tool[] = [
  listAgentsTool,
  getAgentTool,
  createAgentTool,
  updateAgentTool,
  deleteAgentTool,
  listTemplatesTool,
  getAgentInsightsTool,
  backtestAgentTool,
  triggerAgentTool,
  listRunsTool,
  getRunTool,
  cancelRunTool,
  nextEvaluationTool,
  submitEvaluationTool,
  listPendingActionsTool,
  approveActionTool,
  rejectActionTool,
  reviewActionsTool,
  settleActionTool,
  reviseActionTool,
  setBrakeTool,
  openDeskTool,
  importContactsTool,
  listContactsTool,
  getContactTool,
  deleteContactTool,
  saveIdentityTool,
  listIdentitiesTool,
  chatWithAgentTool,
  listThreadsTool,
  getThreadTool,
  endThreadTool,
  importAgentTool,
  exportAgentTool,
];
