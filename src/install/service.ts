import path from 'node:path';
import { untouched } from './part.ts';
import { appFolder, folderOf, type UserPlace } from './places.ts';

/** What a service runs: `serve` on one home, by absolute paths, and the settings of this shell that a server reads. */
export type ServedHome = { name: string; node: string; script: string; home: string; port: string | undefined };

/** A command of the platform's own service manager. */
export type ManagerCall = readonly [command: string, ...args: string[]];

/** A service as one platform knows it: its file, and what makes the platform start it now and at each login, or stop it. */
export type ServiceFile = { file: string; content: string | Buffer; start: ManagerCall[]; stop: ManagerCall[] };

const MARK = 'Made by countersign install --service';
const WHY = 'Countersign: schedules fire and what is approved is done while no client is open';

function words({ node, script, port }: ServedHome): string[] {
  return [node, script, 'serve', ...(port === undefined ? [] : ['--port', port])];
}

/** A word of a systemd unit: quoted, with nothing that systemd would put something else for. */
function unitWord(word: string): string {
  const quoted = word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$');
  return `"${quoted}"`;
}

function systemdUnit(served: ServedHome): string {
  const home = unitWord(`COUNTERSIGN_HOME=${served.home}`).replaceAll('$$', '$');
  return `# ${MARK}
[Unit]
Description=${WHY}

[Service]
ExecStart=${words(served).map(unitWord).join(' ')}
Environment=${home}
Restart=on-failure
RestartSec=30

[Install]
WantedBy=default.target
`;
}

function xmlText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function launchAgent(served: ServedHome, label: string): string {
  const string = (text: string) => `<string>${xmlText(text)}</string>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- ${MARK} -->
<plist version="1.0">
<dict>
  <key>Label</key>
  ${string(label)}
  <key>ProgramArguments</key>
  <array>
    ${words(served).map(string).join('\n    ')}
  </array>
  <key>EnvironmentVariables</key>
  <dict>
    <key>COUNTERSIGN_HOME</key>
    ${string(served.home)}
  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ThrottleInterval</key>
  <integer>30</integer>
  <key>ProcessType</key>
  <string>Background</string>
</dict>
</plist>
`;
}

/** A word of a command line as Windows programs take it apart. */
function windowsWord(word: string): string {
  return `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`;
}

/** A task of Windows, in UTF-16, as its planner reads and writes them. It starts at each login, without a window. */
function windowsTask(served: ServedHome): Buffer {
  const [command = '', ...args] = [...words(served), '--home', served.home];
  const text = `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>${MARK}. ${WHY}</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <Hidden>true</Hidden>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>999</Count>
    </RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>${xmlText(command)}</Command>
      <Arguments>${xmlText(args.map(windowsWord).join(' '))}</Arguments>
    </Exec>
  </Actions>
</Task>
`;
  return Buffer.from(`\uFEFF${text.replaceAll('\n', '\r\n')}`, 'utf16le');
}

/** Where the file of a service is. */
export function servicePlace(name: string, place: UserPlace): string {
  if (place.platform === 'darwin') return path.join(place.home, 'Library', 'LaunchAgents', `${name}.serve.plist`);
  if (place.platform === 'win32') return appFolder(place, 'countersign', `${name}-serve.xml`);
  return path.join(folderOf(place, 'XDG_CONFIG_HOME', '.config'), 'systemd', 'user', `${name}.service`);
}

/** Whether a file of that place was made here, so that it may be replaced or removed. */
export function isOwnService(bytes: Buffer): boolean {
  return bytes.includes(MARK) || bytes.includes(Buffer.from(MARK, 'utf16le'));
}

/** The service for a home on a platform. `user` is the number of the user, which macOS names its login by. */
export function serviceFile(served: ServedHome, place: UserPlace, user: number): ServiceFile {
  const file = servicePlace(served.name, place);
  // A line break would end a line of the file, and begin another one.
  if (/\p{Cc}/u.test(words(served).join('') + served.home))
    throw untouched(file, "a path holds a control character, which a service can't name");
  if (place.platform === 'darwin') {
    const label = `${served.name}.serve`;
    const start: ManagerCall[] = [['launchctl', 'bootstrap', `gui/${user}`, file]];
    return {
      file,
      content: launchAgent(served, label),
      start,
      stop: [['launchctl', 'bootout', `gui/${user}/${label}`]],
    };
  }
  if (place.platform === 'win32') {
    const task = `${served.name} serve`;
    const start: ManagerCall[] = [
      ['schtasks', '/Create', '/TN', task, '/XML', file, '/F'],
      ['schtasks', '/Run', '/TN', task],
    ];
    const stop: ManagerCall[] = [
      ['schtasks', '/End', '/TN', task],
      ['schtasks', '/Delete', '/TN', task, '/F'],
    ];
    return { file, content: windowsTask(served), start, stop };
  }
  const unit = `${served.name}.service`;
  const start: ManagerCall[] = [
    ['systemctl', '--user', 'daemon-reload'],
    ['systemctl', '--user', 'enable', unit],
    ['systemctl', '--user', 'restart', unit],
  ];
  return { file, content: systemdUnit(served), start, stop: [['systemctl', '--user', 'disable', '--now', unit]] };
}
