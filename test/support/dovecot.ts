import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { account, freePorts, own, serverFolder, startDaemon } from './daemon.ts';

const MISSING = 'These tests start Dovecot: apt-get install --no-install-recommends dovecot-imapd';
const DAY = 86_400_000;

export const LOGIN = { user: 'sam@northwind.example', pass: 'pa:ss/w@rd #1%' };

/** `tokensAt`: the URL at which the server asks whom an access token is of; without it it takes none. */
type DovecotOptions = { tokensAt?: string | undefined };

export type Dovecot = {
  /** The port without TLS at first (STARTTLS), and the one with TLS. */
  port: number;
  tlsPort: number;
  /** The folder of the inbox (Maildir), for a mail server that delivers there. */
  maildir: string;
  /** Puts a message into the inbox, received so many milliseconds ago. */
  deliver: (source: Buffer | string, age?: number) => void;
  /** Puts in old messages, in a way that takes a hundred thousand in a second. */
  deliverMany: (count: number, age: number) => void;
  /** The names of the files in the inbox, with the flags of each message. */
  files: () => string[];
};

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
  const { user, group } = account();
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

function inbox(folder: string): Omit<Dovecot, 'port' | 'tlsPort'> {
  const mail = path.join(folder, 'mail');
  const owner = account();
  let count = 0;
  const nameNext = () => `${1_700_000_000 + count++}.M0P1.test`;
  const dated = (file: string, age: number) => {
    const seconds = (Date.now() - age) / 1_000;
    fs.utimesSync(file, seconds, seconds);
    own(owner, file);
  };
  return {
    maildir: mail,
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
  const folder = serverFolder('dovecot', ['run', 'state', 'home', 'mail/cur', 'mail/new', 'mail/tmp']);
  makeCertificate(folder);
  const ports = await freePorts();
  fs.writeFileSync(
    path.join(folder, 'users'),
    `${LOGIN.user}:{PLAIN.b64}${Buffer.from(LOGIN.pass).toString('base64')}::::::\n`,
  );
  fs.writeFileSync(
    path.join(folder, 'dovecot.conf'),
    configuration(folder, ports, tokensAt === undefined ? '' : byToken(folder, tokensAt)),
  );
  await startDaemon({
    ...{ command: 'dovecot', args: ['-F', '-c', path.join(folder, 'dovecot.conf')], missing: MISSING },
    ...{ folder, log: 'dovecot.log', port: ports[0] },
  });
  return { port: ports[0], tlsPort: ports[1], ...inbox(folder) };
}

export const WEEK = 7 * DAY;
