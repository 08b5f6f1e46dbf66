type Env = Readonly<Record<string, string | undefined>>;

/** Whether a browser can be opened here: the person names one, or sits at this machine's own screen. */
export function canOpenBrowser(env: Env, platform: NodeJS.Platform = process.platform): boolean {
  return env.BROWSER !== undefined || hasScreen(env, platform);
}

function hasScreen(env: Env, platform: NodeJS.Platform): boolean {
  if (isAway(env)) return false;
  return platform === 'darwin' || platform === 'win32' || (env.DISPLAY ?? env.WAYLAND_DISPLAY) !== undefined;
}

/** Whether the person came from another machine. */
function isAway({ SSH_CONNECTION, SSH_TTY, SSH_CLIENT }: Env): boolean {
  return (SSH_CONNECTION ?? SSH_TTY ?? SSH_CLIENT) !== undefined;
}

/** Whether somebody sits at a desktop here, so that a page may open without being asked for: not by SSH, and in no CI. */
export function isDesktop(env: Env, platform: NodeJS.Platform = process.platform): boolean {
  return hasScreen(env, platform) && ['', '0', 'false'].includes((env.CI ?? '').toLowerCase());
}
