// What `visible` asks of Node, by what a browser has: the ASCII form of a host. Hosts stay as they are written otherwise.

export function domainToASCII(host: string): string {
  return URL.canParse(`https://${host}`) ? new URL(`https://${host}`).hostname : '';
}

export function domainToUnicode(host: string): string {
  return host;
}
