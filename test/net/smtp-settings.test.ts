import { describe, expect, it } from 'vitest';
import { smtpSettings } from '../../src/net/smtp-settings.ts';

const PARTS = { SAM_HOST: 'smtp.acme.example', SAM_USER: 'sam@acme.example', SAM_PASSWORD: 'p@ss:w/rd#1 %41' };
const TOKEN = { SAM_HOST: 'smtp.gmail.com', SAM_USER: 'sam@gmail.com', SAM_REFRESH_TOKEN: 'r', SAM_CLIENT_ID: 'c' };

describe('a mail server in parts', () => {
  it('is read as it stands, nothing decoded', () => {
    expect(smtpSettings('SAM', PARTS)).toMatchObject({
      host: 'smtp.acme.example',
      port: 587,
      secure: false,
      requireTLS: true,
      user: 'sam@acme.example',
      pass: 'p@ss:w/rd#1 %41',
    });
  });

  it('speaks TLS from the start by port 465, and needs none for a server without a login or on this machine', () => {
    expect(smtpSettings('SAM', { ...PARTS, SAM_PORT: '465' })).toMatchObject({ port: 465, secure: true });
    expect(smtpSettings('SAM', { SAM_HOST: 'relay.acme.example', SAM_PORT: ' 25 ' })).toMatchObject({
      port: 25,
      requireTLS: false,
    });
    expect(smtpSettings('SAM', { ...PARTS, SAM_HOST: '127.0.0.1' })).toMatchObject({ requireTLS: false });
  });

  it('is the same server as its URL', () => {
    const url = `smtp://sam%40acme.example:${encodeURIComponent(PARTS.SAM_PASSWORD)}@smtp.acme.example:587`;
    const { toCheck: _, ...parts } = { toCheck: '', ...smtpSettings('SAM', PARTS) };
    expect(smtpSettings('SAM', { SAM: url })).toMatchObject(parts);
  });

  it.each([
    ['nothing', {}, "SAM isn't set in this environment, and neither is SAM_HOST"],
    ['a URL beside parts', { ...PARTS, SAM: 'smtp://h.example' }, 'both SAM and SAM_HOST are set'],
    ['parts without a host', { SAM_USER: 'sam', SAM_PASSWORD: 'secret' }, 'neither is SAM_HOST'],
    ['a URL for a host', { ...PARTS, SAM_HOST: 'smtp://h.example' }, "SAM_HOST isn't the name of a server"],
    ['no port', { ...PARTS, SAM_PORT: 'smtp' }, "SAM_PORT isn't a port"],
    ['a port that is none', { ...PARTS, SAM_PORT: '70000' }, "SAM_PORT isn't a port"],
    ['a password alone', { SAM_HOST: 'h.example', SAM_PASSWORD: 'secret' }, "but SAM_USER isn't"],
    ['a user alone', { SAM_HOST: 'h.example', SAM_USER: 'sam' }, "but SAM_PASSWORD isn't"],
    ['no SMTP URL', { SAM: 'https://user:secret@h.example' }, "SAM isn't an SMTP URL"],
  ])('says what is wrong with %s, and nothing of what the variables hold', (_, env, words) => {
    const found = smtpSettings('SAM', env);
    expect(found).toEqual({ problem: expect.stringContaining(words) });
    expect(JSON.stringify(found)).not.toContain('secret');
  });
});

describe('a login by token', () => {
  it('knows where Gmail and Microsoft give tokens, and takes another place', () => {
    const urlFor = (env: Record<string, string>) => {
      const found = smtpSettings('SAM', { ...TOKEN, ...env });
      if ('problem' in found) return found.problem;
      return found.token && 'refresh' in found.token ? found.token.refresh.url : undefined;
    };
    expect(urlFor({})).toBe('https://oauth2.googleapis.com/token');
    expect(urlFor({ SAM_HOST: 'smtp.office365.com' })).toMatch(/^https:\/\/login\.microsoftonline\.com\//);
    expect(urlFor({ SAM_TOKEN_URL: 'https://id.acme.example/token' })).toBe('https://id.acme.example/token');
    expect(urlFor({ SAM_HOST: 'smtp.acme.example' })).toContain("but SAM_TOKEN_URL isn't");
  });

  it.each([
    ['a plain token URL', { SAM_TOKEN_URL: 'http://id.acme.example/token' }, 'SAM_TOKEN_URL'],
    ['no client', { SAM_CLIENT_ID: '' }, "but SAM_CLIENT_ID isn't"],
    ['a password beside the token', { SAM_PASSWORD: 'secret' }, 'no password'],
    ['no user', { SAM_USER: '' }, 'takes a user name'],
    ['a client alone', { SAM_REFRESH_TOKEN: '' }, 'neither SAM_ACCESS_TOKEN nor SAM_REFRESH_TOKEN'],
  ])('says what is wrong with %s', (_, env, words) => {
    expect(smtpSettings('SAM', { ...TOKEN, ...env })).toEqual({ problem: expect.stringContaining(words) });
  });

  it('goes over TLS only, as a password does', () => {
    expect(smtpSettings('SAM', TOKEN)).toMatchObject({ requireTLS: true });
  });
});
