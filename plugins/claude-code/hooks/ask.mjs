// Has Claude Code ask the person before a tool that decides, in every permission mode.
const hookSpecificOutput = {
  hookEventName: 'PreToolUse',
  permissionDecision: 'ask',
  permissionDecisionReason: 'This decides what an agent proposed. Look at to whom, about what, and say yourself.',
};
process.stdout.write(`${JSON.stringify({ hookSpecificOutput })}\n`);
