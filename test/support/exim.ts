import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { createTransport } from 'nodemailer';
import { account, asAccount, freePorts, own, serverFolder, startDaemon } from './daemon.ts';
import { LOGIN } from './dovecot.ts';

const MISSING = 'These tests start Exim: apt-get install --no-install-recommends exim4-daemon-light';

/** What stands behind an address. */
type Place = {
  /** The folder of its mailbox (Maildir); one of its own unless set. */
  maildir?: string;
  /** What its server says to RCPT instead of taking a message: `451 4.2.1 Busy`, `550 5.1.1 No such user`. */
  says?: string;
  /** What an automatic answer says to each message, while its owner is away. */
  away?: string;
};

export type Exim = {
  /** The SMTP URL by which LOGIN hands in messages to anywhere. */
  url: string;
  /** Another server hands in a message for a mailbox here, without a login. */
  handIn: (envelope: { from: string; to: string }, message: Buffer | string) => Promise<void>;
  /** Opens a mailbox, or changes what stands behind an address. Addresses that were never opened don't exist. */
  open: (address: string, place?: Place) => void;
  /** Delivers all that waits, and what comes of that (bounces, automatic answers), as far as it can be delivered now. */
  deliver: () => Promise<void>;
  /** The files of an address's mailbox. */
  files: (address: string) => string[];
};

/** The login as a configuration holds it: `$` and backslashes would be expanded. */
function literal(text: string): string {
  return text.replace(/[\\${}]/g, '\\$&');
}

const found = (file: string) => `\${lookup{$local_part@$domain}lsearch{${file}}}`;
const isIn = (file: string) => `\${lookup{$local_part@$domain}lsearch{${file}}{yes}{no}}`;

type Settings = { folder: string; port: number; mxPort: number };

/**
 * Two servers in one: at one port that of the sender's provider, which takes messages from whoever has the login and
 * hands them on by SMTP; at the other those of everybody else's providers, which know the mailboxes.
 */
function configuration({ folder, port, mxPort }: Settings): string {
  const { user, group } = account();
  const isHandedIn = `\${if eq{$received_port}{${port}}}`;
  return `
exim_user = ${user}
exim_group = ${group}
keep_environment =
primary_hostname = mx.northwind.example
spool_directory = ${folder}/spool
pid_file_path = ${folder}/pid
notifier_socket =
local_interfaces = <; [127.0.0.1]:${port} ; [127.0.0.1]:${mxPort}
disable_ipv6 = true
tls_advertise_hosts =
queue_only = true
acl_smtp_rcpt = recipient
acl_smtp_data = accept

begin acl
recipient:
  deny
    condition = ${isHandedIn}
    !authenticated = *
    message = 530 5.7.0 Authentication required
  accept
    condition = ${isHandedIn}
  deny
    condition = ${isIn(`${folder}/refusals`)}
    message = ${found(`${folder}/refusals`)}
  deny
    !verify = recipient
    message = 550 5.1.1 <$local_part@$domain>: Recipient address rejected: User unknown in virtual mailbox table
  defer
    condition = ${isIn(`${folder}/delays`)}
    message = ${found(`${folder}/delays`)}
  accept

begin routers
onward:
  driver = manualroute
  condition = ${isHandedIn}
  route_list = * 127.0.0.1::${mxPort}
  self = send
  transport = onward
  no_verify
away:
  driver = accept
  condition = ${isIn(`${folder}/away`)}
  condition = \${if and{{!eq{$sender_address}{}}{!def:h_Auto-Submitted:}}}
  unseen
  no_verify
  transport = away
here:
  driver = accept
  condition = ${isIn(`${folder}/mailboxes`)}
  transport = mailbox

begin transports
onward:
  driver = smtp
  allow_localhost
away:
  driver = autoreply
  from = $local_part@$domain
  to = $sender_address
  subject = Out of office: $h_Subject:
  text = ${found(`${folder}/away`)}
mailbox:
  driver = appendfile
  maildir_format
  directory = ${found(`${folder}/mailboxes`)}
  return_path_add
  delivery_date_add

begin retry
* * F,5d,1h

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{$auth2}{${literal(LOGIN.user)}}}{eq{$auth3}{${literal(LOGIN.pass)}}}}}
  server_set_id = $auth2
`;
}

/** The lists by which the server knows addresses, one line each; it reads them anew at each message. */
function addressBook(folder: string) {
  const owner = account();
  const mailboxes = new Map<string, string>();
  const lists = {
    refusals: new Map<string, string>(),
    delays: new Map<string, string>(),
    away: new Map<string, string>(),
  };
  const write = () => {
    for (const [name, list] of Object.entries({ mailboxes, ...lists }))
      fs.writeFileSync(path.join(folder, name), [...list].map(([key, value]) => `${key}: ${value}\n`).join(''));
  };
  write();
  return {
    open(address: string, { maildir = path.join(folder, 'mail', address), says, away }: Place = {}) {
      for (const part of ['cur', 'new', 'tmp']) fs.mkdirSync(path.join(maildir, part), { recursive: true });
      own(owner, maildir);
      mailboxes.set(address, maildir);
      for (const list of Object.values(lists)) list.delete(address);
      if (says !== undefined) lists[says.startsWith('4') ? 'delays' : 'refusals'].set(address, says);
      if (away !== undefined) lists.away.set(address, away);
      write();
    },
    files(address: string): string[] {
      const maildir = mailboxes.get(address);
      if (maildir === undefined) throw new Error(`${address} has no mailbox`);
      return ['cur', 'new'].flatMap((part) =>
        fs.readdirSync(path.join(maildir, part)).map((name) => path.join(maildir, part, name)),
      );
    },
  };
}

/**
 * A real SMTP server on loopback for one test, run as an account without rights. It writes its own bounces. What it
 * takes waits until `deliver`, so that a test decides when mail arrives.
 */
export async function anExim(): Promise<Exim> {
  const folder = serverFolder('exim', ['spool/input', 'mail']);
  const [port, mxPort] = await freePorts();
  const config = path.join(folder, 'exim.conf');
  fs.writeFileSync(config, configuration({ folder, port, mxPort }));
  const book = addressBook(folder);
  await startDaemon({
    ...{ command: 'exim4', args: ['-C', config, '-bdf'], missing: MISSING },
    ...{ folder, log: 'log', port },
  });
  const waiting = () => fs.readdirSync(path.join(folder, 'spool/input')).sort().join(' ');
  const login = `${encodeURIComponent(LOGIN.user)}:${encodeURIComponent(LOGIN.pass)}`;
  return {
    ...book,
    url: `smtp://${login}@127.0.0.1:${port}`,
    async handIn(envelope, message) {
      await createTransport({ host: '127.0.0.1', port: mxPort }).sendMail({ envelope, raw: message });
    },
    async deliver() {
      for (let before = ''; waiting() !== before; ) {
        before = waiting();
        await promisify(execFile)('exim4', ['-C', config, '-qff'], asAccount(account()));
      }
    },
  };
}
