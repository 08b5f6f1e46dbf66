import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { freePorts, serverFolder } from './daemon.ts';
import { textOf } from './house-plan.ts';

const MISSING = 'These tests start nginx and Caddy: apt-get install --no-install-recommends nginx-light caddy';
const PAGE = 'docs/serving.md';

/** The example of a proxy's configuration on the page about serving: the block of code after the proxy's name. */
function exampleOf(name: string): string {
  const found = new RegExp(`^${name}[^\\n]*:\\n\\n\`\`\`\\w*\\n(.*?)^\`\`\``, 'ms').exec(textOf(PAGE))?.[1];
  if (found === undefined) throw new Error(`${PAGE} has no example for ${name}`);
  return found;
}

/** Replaces what differs from one place to the next. Throws where the example doesn't say it. */
function filledIn(example: string, places: Record<string, string>): string {
  return Object.entries(places).reduce((text, [said, here]) => {
    if (!text.includes(said)) throw new Error(`${PAGE}: the example doesn't say "${said}"`);
    return text.replaceAll(said, here);
  }, example);
}

function makeCertificate(folder: string): void {
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '2'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', 'key.pem'];
  execFileSync('openssl', ['req', '-x509', ...key, '-out', 'cert.pem', ...subject], { cwd: folder, stdio: 'ignore' });
}

type Place = { folder: string; port: number; upstream: string };
type Started = { command: string; args: string[] };

function nginx({ folder, port, upstream }: Place): Started {
  const site = filledIn(exampleOf('nginx'), {
    '443 ssl': `127.0.0.1:${port} ssl`,
    'agents.example.com': 'localhost',
    '/etc/ssl/agents.pem': `${folder}/cert.pem`,
    '/etc/ssl/agents.key': `${folder}/key.pem`,
    '127.0.0.1:7878': upstream,
  });
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder}/${kind};`,
  );
  const rest = `daemon off; pid ${folder}/nginx.pid; error_log stderr; events {}`;
  fs.writeFileSync(path.join(folder, 'nginx.conf'), `${rest} http { access_log off; ${kinds.join(' ')}\n${site}\n}`);
  return { command: '/usr/sbin/nginx', args: ['-e', 'stderr', '-p', folder, '-c', path.join(folder, 'nginx.conf')] };
}

function caddy({ folder, port, upstream }: Place): Started {
  const site = filledIn(exampleOf('Caddy'), {
    'agents.example.com {': `https://localhost:${port} {\n\ttls ${folder}/cert.pem ${folder}/key.pem`,
    '127.0.0.1:7878': upstream,
  });
  fs.writeFileSync(path.join(folder, 'Caddyfile'), `{\n\tadmin off\n\tauto_https off\n}\n${site}`);
  return {
    command: '/usr/bin/caddy',
    args: ['run', '--adapter', 'caddyfile', '--config', path.join(folder, 'Caddyfile')],
  };
}

const PROXIES = { nginx, Caddy: caddy };
export type ProxyName = keyof typeof PROXIES;
export const PROXY_NAMES = ['nginx', 'Caddy'] as const;

async function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => resolve(true));
    socket.once('error', () => resolve(false)).once('connect', () => socket.destroy());
  });
}

/** Where a proxy will listen with TLS: people's address is known before the server that it leads to. */
export type ProxyPlace = { url: string; ca: string; start: (upstream: string) => Promise<void> };

/** A proxy that is configured as the page about serving says. It ends with the test. */
export async function aProxy(name: ProxyName): Promise<ProxyPlace> {
  const folder = serverFolder('countersign-proxy', []);
  makeCertificate(folder);
  const [port] = await freePorts();
  return {
    url: `https://localhost:${port}`,
    ca: fs.readFileSync(path.join(folder, 'cert.pem'), 'utf8'),
    async start(upstream) {
      const { command, args } = PROXIES[name]({ folder, port, upstream });
      if (!fs.existsSync(command)) throw new Error(MISSING);
      const env = { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
      const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], env });
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
      const ended = new Promise((resolve) => child.once('exit', resolve));
      onTestFinished(async () => {
        child.kill();
        await ended;
        fs.rmSync(folder, { recursive: true, force: true });
      });
      while (!(await isListening(port))) {
        if (child.exitCode !== null) throw new Error(`${name} didn't start: ${said}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
  };
}
