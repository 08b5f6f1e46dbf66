import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { VERSION } from '../../src/domain/base/version.ts';
import { TOOLS } from '../../tools/index.ts';
import { BUNDLE, baseEnv, temporaryHome } from '../support/server.ts';

/** A process that logs all that it can, spoken to line by line. Whatever it says on stdout is kept as it came. */
function aProcess() {
  const env = baseEnv(temporaryHome(), { COUNTERSIGN_LOG: 'trace' });
  const server = spawn(process.execPath, [BUNDLE], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  onTestFinished(() => void server.kill('SIGKILL'));
  const lines: string[] = [];
  const reader = createInterface({ input: server.stdout });
  const waiting = new Map<number, (answer: ReturnType<typeof JSON.parse>) => void>();
  reader.on('line', (line) => {
    lines.push(line);
    const answer = JSON.parse(line);
    waiting.get(answer.id)?.(answer);
  });
  const say = (message: object) => server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const ask = (id: number, method: string, params: object) =>
    new Promise<ReturnType<typeof JSON.parse>>((resolve) => {
      waiting.set(id, resolve);
      say({ id, method, params });
    });
  return { ask, say, lines };
}

describe('one program', () => {
  it.each(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'])(
    'speaks %s with a client that knows no other, and says nothing else on stdout',
    async (protocolVersion) => {
      const { ask, say, lines } = aProcess();
      const clientInfo = { name: 'old', version: '1' };
      const hello = await ask(1, 'initialize', { protocolVersion, capabilities: {}, clientInfo });
      expect(hello.result).toMatchObject({ protocolVersion, serverInfo: { name: 'countersign', version: VERSION } });
      say({ method: 'notifications/initialized' });
      const { result } = await ask(2, 'tools/list', {});
      const names = result.tools.map(({ name }: { name: string }) => name);
      expect(names.sort()).toEqual(TOOLS.map(({ name }) => name).sort());
      const made = await ask(3, 'tools/call', {
        name: 'import_contacts',
        arguments: { contacts: [{ id: 'a', email: 'ada@northwind.example' }] },
      });
      expect(made.result.content[0].text).toContain('created');
      expect(lines.every((line) => JSON.parse(line).jsonrpc === '2.0')).toBe(true);
    },
  );
});
