/** The DEVICE argument in pieces: what all devices check alike. */
import { BitwrightError } from '../base/errors.ts';

/** For devices that take nothing after their name. */
export function refuseArgument(kind: string, argument: string): void {
  if (argument === '') return;
  throw new BitwrightError('USAGE', {
    message: 'takes no argument',
    where: kind,
    seen: argument,
    next: `Use \`--device ${kind}\`.`,
  });
}

/** `HOST:PORT`, with an IPv6 host in brackets. Throws USAGE. */
export function parseHostPort(kind: string, argument: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(argument.replace(/^\/\//, '').replace(/\/$/, ''));
  const port = Number(match?.[3]);
  const host = match?.[1] ?? match?.[2];
  if (host !== undefined && port >= 1 && port <= 65535) return { host, port };
  throw new BitwrightError('USAGE', {
    message: 'needs a host and a port',
    where: kind,
    seen: argument,
    allowed: 'HOST:PORT, [IPV6]:PORT',
    next: `For example \`--device ${kind}:localhost:4000\`.`,
  });
}
