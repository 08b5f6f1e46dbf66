import { describe, expect, it } from 'vitest';
import { canOpenBrowser, isDesktop } from '../../src/process/desktop.ts';

const SSH = { SSH_CONNECTION: '192.0.2.1 50000 192.0.2.2 22' };

describe('whether a person sits at a desktop here', () => {
  it.each([
    ['linux', {}, [false, false]],
    ['linux', { DISPLAY: ':0' }, [true, true]],
    ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, [true, true]],
    ['linux', { DISPLAY: ':0', ...SSH }, [false, false]],
    ['linux', { DISPLAY: ':0', SSH_TTY: '/dev/pts/0' }, [false, false]],
    ['linux', { DISPLAY: ':0', CI: 'true' }, [true, false]],
    ['linux', { DISPLAY: ':0', CI: 'false' }, [true, true]],
    ['darwin', {}, [true, true]],
    ['darwin', SSH, [false, false]],
    ['darwin', { CI: '1' }, [true, false]],
    ['win32', {}, [true, true]],
    // Whoever names a browser, as an editor does that opens one elsewhere, may have it opened: but not unasked.
    ['linux', { BROWSER: 'code-browser', ...SSH }, [true, false]],
  ] as const)('on %s with %j: a browser can be opened, and by itself: %j', (platform, env, expected) => {
    expect([canOpenBrowser(env, platform), isDesktop(env, platform)]).toEqual(expected);
  });
});
