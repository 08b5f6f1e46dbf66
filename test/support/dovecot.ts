import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

const isRoot = process.getuid?.() === 0;
/** Who the server runs as: whoever runs the tests, but nobody's account in place of root's. */
const ACCOUNT = isRoot ? 'nobody' : os.userInfo().username;
const idOf = (what: '-u' | '-g') => Number(execFileSync('id', [what, ACCOUNT], { encoding: 'utf8' }));
const MISSING = 'These tests start Dovecot: apt-get install --no-install-recommends dovecot-imapd';
const DAY = 86_400_000;

export const LOGIN = { user: 'sam@northwind.example', pass: 'pa:ss/w@rd #1%' };

/** `tokensAt`: the URL at which the server asks whom an access token is of; without it it takes none. */
type DovecotOptions = { tokensAt?: string | undefined };

export type Dovecot = {
  /** The port without TLS at first (STARTTLS), and the one with TLS. */
  port: number;
  tlsPort: number;
  /** Puts a message into the inbox, received so many milliseconds ago. */
  deliver: (source: Buffer | string, age?: number) => void;
  /** Puts in old messages, in a way that takes a hundred thousand in a second. */
  deliverMany: (count: number, age: number) => void;
  /** The names of the files in the inbox, with the flags of each message. */
  files: () => string[];
};

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function makeCertificate(folder: string): void {
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-days', '2'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', 'key.pem'];
  execFileSync('openssl', ['req', '-x509', ...key, '-out', 'cert.pem', ...subject], { cwd: folder, stdio: 'ignore' });
}

/** Logins by token: the server asks another one about each (RFC 7662). */
function byToken(folder: string, url: string): string {
  fs.writeFileSync(
    path.join(folder, 'tokens.conf'),
    `introspection_mode = auth\nintrospection_url = ${url}\nusername_attribute = email\nactive_attribute = active\nactive_value = true\n`,
  );
  return `auth_mechanisms = plain xoauth2
passdb {
  driver = oauth2
  mechanisms = xoauth2
  args = ${folder}/tokens.conf
}`;
}

function configuration(folder: string, [port, tlsPort]: readonly [number, number], settings: string): string {
  const user = ACCOUNT;
  const group = execFileSync('id', ['-gn', user], { encoding: 'utf8' }).trim();
  return `
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
default_internal_user = ${user}
default_internal_group = ${group}
default_login_user = ${user}
mail_uid = ${user}
mail_gid = ${group}
first_valid_uid = 1
first_valid_gid = 1
ssl = yes
ssl_cert = <${folder}/cert.pem
ssl_key = <${folder}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain
auth_failure_delay = 0
mail_fsync = never
mail_location = maildir:${folder}/mail
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%u ${folder}/users
}
userdb {
  driver = static
  args = home=${folder}/home
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = ${tlsPort}
    ssl = yes
  }
}
${settings}
`;
}

function own(folder: string): void {
  if (isRoot) execFileSync('chown', ['-R', `${idOf('-u')}:${idOf('-g')}`, folder]);
}

/** Resolves once the server greets. Throws, with what the server wrote, where it ends before that. */
async function greeted(port: number, hasEnded: () => boolean, log: () => string): Promise<void> {
  for (;;) {
    if (hasEnded()) throw new Error(`Dovecot didn't start. ${log()}`);
    const isThere = await new Promise<boolean>((resolve) => {
      const socket = net.connect(port, '127.0.0.1');
      socket.once('data', () => resolve(true));
      for (const end of ['error', 'close'] as const) socket.once(end, () => resolve(false));
      socket.once('data', () => socket.destroy());
    });
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function inbox(folder: string): Omit<Dovecot, 'port' | 'tlsPort'> {
  const [uid, gid] = [idOf('-u'), idOf('-g')];
  const mail = path.join(folder, 'mail');
  let count = 0;
  const nameNext = () => `${1_700_000_000 + count++}.M0P1.test`;
  const dated = (file: string, age: number) => {
    const seconds = (Date.now() - age) / 1_000;
    fs.utimesSync(file, seconds, seconds);
    if (isRoot) fs.chownSync(file, uid, gid);
  };
  return {
    deliver(source, age = 0) {
      const made = path.join(mail, 'tmp', nameNext());
      fs.writeFileSync(made, source);
      dated(made, age);
      fs.renameSync(made, path.join(mail, 'new', path.basename(made)));
    },
    deliverMany(many, age) {
      const source = (at: number) =>
        `From: a${at}@old.example\nSubject: Old\nMessage-ID: <old${at}@old.example>\n\nOld\n`;
      let same = '';
      for (let at = 0; at < many; at++) {
        const file = path.join(mail, 'cur', `${nameNext()}:2,S`);
        // A file may have 65,000 names on some disks.
        if (at % 50_000 === 0) {
          same = file;
          fs.writeFileSync(same, source(at));
          dated(same, age);
        } else fs.linkSync(same, file);
      }
    },
    files: () => ['cur', 'new'].flatMap((part) => fs.readdirSync(path.join(mail, part))).sort(),
  };
}

/** A real IMAP server on loopback with a mailbox of its own, for one test; it runs as an unprivileged user. */
export async function aDovecot({ tokensAt }: DovecotOptions = {}): Promise<Dovecot> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dovecot-'));
  for (const name of ['run', 'state', 'home', 'mail/cur', 'mail/new', 'mail/tmp'])
    fs.mkdirSync(path.join(folder, name), { recursive: true });
  makeCertificate(folder);
  const ports = [await freePort(), await freePort()] as const;
  fs.writeFileSync(
    path.join(folder, 'users'),
    `${LOGIN.user}:{PLAIN.b64}${Buffer.from(LOGIN.pass).toString('base64')}::::::\n`,
  );
  fs.writeFileSync(
    path.join(folder, 'dovecot.conf'),
    configuration(folder, ports, tokensAt === undefined ? '' : byToken(folder, tokensAt)),
  );
  own(folder);
  const server = spawn('dovecot', ['-F', '-c', path.join(folder, 'dovecot.conf')], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
    ...(isRoot ? { uid: idOf('-u'), gid: idOf('-g') } : {}),
  });
  let hasEnded = false;
  let why = '';
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      hasEnded = true;
      resolve();
    };
    server.once('exit', end).once('error', () => {
      why = MISSING;
      end();
    });
  });
  onTestFinished(async () => {
    server.kill('SIGTERM');
    await ended;
    fs.rmSync(folder, { recursive: true, force: true });
  });
  const file = path.join(folder, 'dovecot.log');
  const log = () => `${why}${fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : ''}`;
  await greeted(ports[0], () => hasEnded, log);
  return { port: ports[0], tlsPort: ports[1], ...inbox(folder) };
}

export const WEEK = 7 * DAY;
