import { type LookupAddress, type LookupOptions, lookup as resolve } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { FdxError } from '../errors.ts'

const listOf = (
  ipv4: readonly (readonly [net: string, bits: number])[],
  ipv6: readonly (readonly [net: string, bits: number])[],
): BlockList => {
  const list = new BlockList()
  for (const [net, bits] of ipv4) list.addSubnet(net, bits, 'ipv4')
  for (const [net, bits] of ipv6) list.addSubnet(net, bits, 'ipv6')
  return list
}

/** Addresses of private networks (RFC 1918, 6598, 4193): nobody's bank, but perhaps a gateway to one. */
const privateNetworks = listOf(
  [
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['172.16.0.0', 12],
    ['192.168.0.0', 16],
  ],
  [['fc00::', 7]],
)

/** Addresses that no provider and no gateway has: this machine, the link, cloud metadata, groups (RFC 6890). */
const nowhere = listOf(
  [
    ['0.0.0.0', 8],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    // The metadata services of two clouds stand among addresses of private networks: Alibaba’s, and Amazon’s below.
    ['100.100.100.200', 32],
    ['192.0.0.0', 24],
    ['198.18.0.0', 15],
    ['224.0.0.0', 3],
  ],
  [
    ['::', 128],
    ['::1', 128],
    ['64:ff9b::', 96],
    ['fe80::', 10],
    ['ff00::', 8],
    ['fd00:ec2::', 32],
  ],
)

export interface Reach {
  /** Addresses in private networks may be connected to. */
  readonly privateNetwork: boolean
}

/** Where files lie that a provider keeps elsewhere, wherever the gateway before the provider is. */
export const openInternet: Reach = { privateNetwork: false }

/** Whether an IP address is one that is not to be connected to. IPv4 inside IPv6 counts as IPv4. */
export function isInside(address: string, { privateNetwork }: Reach): boolean {
  const family = isIP(address)
  if (family === 0) return false
  const type = family === 6 ? 'ipv6' : 'ipv4'
  return nowhere.check(address, type) || (!privateNetwork && privateNetworks.check(address, type))
}

const refused = () =>
  new FdxError(
    'FOREIGN_ORIGIN',
    'the provider’s host is an address of this machine or of a private network; correct baseUrl, or say privateNetwork: true for a gateway of your own',
  )

/**
 * Refuses a host that is written as an IP address from inside, in any spelling: `lookup` is never called for
 * those (facts/reliability-security.md 6.1). URL parsing has made `2130706433` and `0x7f.1` plain already.
 * @throws FdxError `FOREIGN_ORIGIN`.
 */
export function refuseInside(url: URL, reach: Reach): void {
  if (isInside(url.hostname.replace(/^\[|\]$/g, ''), reach)) throw refused()
}

/** Resolves names as usual, inside the connect step, and refuses those that lead inside. */
export const guardedLookup =
  (reach: Reach): LookupFunction =>
  (hostname, options, callback) => {
    const all: LookupOptions & { all: true } = { ...options, all: true }
    resolve(hostname, all, (error, addresses: LookupAddress[]) => {
      const [first] = addresses ?? []
      if (error) callback(error, '', 0)
      else if (first === undefined || addresses.some(({ address }) => isInside(address, reach)))
        callback(refused(), '', 0)
      else if (options.all) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]'])

/** A provider on this machine, such as the sandbox: its operator means it. */
export const isLoopback = (url: URL): boolean => loopback.has(url.hostname)
