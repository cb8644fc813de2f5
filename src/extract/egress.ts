import { type LookupAddress, type LookupOptions, lookup as resolve } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { FdxError } from '../errors.ts'

/** Addresses that are nobody's bank: this machine, private networks, cloud metadata (RFC 6890). */
const inside = new BlockList()
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  inside.addSubnet(net, bits, 'ipv4')
for (const [net, bits] of [
  ['::', 128],
  ['::1', 128],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  inside.addSubnet(net, bits, 'ipv6')

/** Whether an IP address belongs to this machine or to a private network. IPv4 inside IPv6 counts as IPv4. */
export function isInside(address: string): boolean {
  const family = isIP(address)
  return family !== 0 && inside.check(address, family === 6 ? 'ipv6' : 'ipv4')
}

const refused = () =>
  new FdxError(
    'FOREIGN_ORIGIN',
    'the provider’s host is an address of this machine or of a private network; correct baseUrl',
  )

/**
 * Refuses a host that is written as an IP address from inside, in any spelling: `lookup` is never called for
 * those (facts/reliability-security.md 6.1). URL parsing has made `2130706433` and `0x7f.1` plain already.
 * @throws FdxError `FOREIGN_ORIGIN`.
 */
export function refuseInside(url: URL): void {
  if (isInside(url.hostname.replace(/^\[|\]$/g, ''))) throw refused()
}

/** Resolves names as usual, inside the connect step, and refuses those that lead inside. */
export const guardedLookup: LookupFunction = (hostname, options, callback) => {
  const all: LookupOptions & { all: true } = { ...options, all: true }
  resolve(hostname, all, (error, addresses: LookupAddress[]) => {
    const [first] = addresses ?? []
    if (error) callback(error, '', 0)
    else if (first === undefined || addresses.some(({ address }) => isInside(address)))
      callback(refused(), '', 0)
    else if (options.all) callback(null, addresses)
    else callback(null, first.address, first.family)
  })
}

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]'])

/** A provider on this machine, such as the sandbox: its operator means it. */
export const isLoopback = (url: URL): boolean => loopback.has(url.hostname)
