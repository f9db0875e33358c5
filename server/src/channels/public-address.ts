// Which IP addresses and host names Belfry may open connections to: public ones, and those the
// operator lists. URLs come from customers, so everything else is a door into our own network.
import { BlockList, isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** What the operator allows although it is not public. Made by `readAllowedAddresses`. */
export type AllowedAddresses = {
  networks: BlockList
  hosts: ReadonlySet<string>
}

/**
 * Reads addresses, CIDR ranges and host names: `127.0.0.1/32`, `10.1.0.0/16`, `internal.example`.
 * An allowed name may resolve to any address; what is allowed may be called on any port.
 *
 * @throws Error naming the first entry that is none of these.
 */
export function readAllowedAddresses(entries: readonly string[]): AllowedAddresses {
  const networks = new BlockList()
  const hosts = new Set<string>()
  for (const entry of entries) {
    if (entry.includes('/') || isIP(entry) !== 0) addNetwork(networks, entry)
    else if (hostPattern.test(entry)) hosts.add(plainHost(entry.toLowerCase()))
    else throw new Error(`'${entry}' is not an address, a CIDR range or a host name`)
  }
  return { networks, hosts }
}

const hostPattern = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?$/i

function addNetwork(networks: BlockList, entry: string): void {
  const cidr = entry.includes('/') ? entry : `${entry}/${isIP(entry) === 4 ? 32 : 128}`
  if (!ipaddr.isValidCIDR(cidr)) throw new Error(`'${entry}' is not a CIDR range`)
  const [address, prefix] = ipaddr.parseCIDR(cidr)
  networks.addSubnet(address.toString(), prefix, address.kind())
}

/** A host name without the dot that may end it: `localhost.` and `localhost` are one host. */
export function plainHost(host: string): string {
  return host.endsWith('.') ? host.slice(0, -1) : host
}

/** Whether a connection to this IP address may be opened. */
export function isAddressAllowed(address: string, allowed: AllowedAddresses): boolean {
  // A zone id (fe80::1%eth0) exists for link-local addresses only.
  if (isIP(address) === 0 || address.includes('%')) return false
  // process() turns an IPv4 address written as IPv6 (::ffff:127.0.0.1) into what it is.
  const parsed = ipaddr.process(address)
  return isPublic(parsed) || allowed.networks.check(parsed.toString(), parsed.kind())
}

/**
 * Whether a mail server may be at this IP address. Relays are often private, and who configures one is the
 * operator's; what no relay has is refused unless it is listed: what is local to a link, the addresses
 * that clouds tell their secrets from, and what is nobody's.
 */
export function isRelayAllowed(address: string, allowed: AllowedAddresses): boolean {
  if (isIP(address) === 0 || address.includes('%')) return false
  const parsed = ipaddr.process(address)
  if (allowed.networks.check(parsed.toString(), parsed.kind())) return true
  if (metadata.check(parsed.toString(), parsed.kind())) return false
  return isPublic(parsed) || relayRanges.has(parsed.range())
}

const relayRanges = new Set(['loopback', 'private', 'uniqueLocal', 'carrierGradeNat'])

// Those that are not local to a link: AWS over IPv6, and Alibaba.
const metadata = new BlockList()
metadata.addAddress('fd00:ec2::254', 'ipv6')
metadata.addAddress('100.100.100.200', 'ipv4')

function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() !== 'unicast') return false
  const family = address.kind()
  if (neverPublic.check(address.toString(), family)) return false
  // Outside 2000::/3 nothing is assigned to the internet: ::7f00:1, 4000::1.
  return family === 'ipv4' || globalIpv6.check(address.toString(), 'ipv6')
}

const globalIpv6 = new BlockList()
globalIpv6.addSubnet('2000::', 3, 'ipv6')

const neverPublic = new BlockList()
// Azure's host agent answers every virtual machine on this address, which looks public.
neverPublic.addAddress('168.63.129.16', 'ipv4')

/** Whether a host *name* may be looked up at all. What it resolves to is judged again. */
export function isNameAllowed(host: string, allowed: AllowedAddresses): boolean {
  const name = plainHost(host)
  if (allowed.hosts.has(name)) return true
  // Names without a dot are completed by the resolver's search list: a service next door.
  if (!name.includes('.')) return false
  return !internalSuffixes.some((suffix) => name.endsWith(suffix))
}

// Names that only exist inside a network, cloud metadata services among them.
const internalSuffixes = [
  '.localhost',
  '.localdomain',
  '.local',
  '.internal',
  '.intranet',
  '.private',
  '.corp',
  '.home',
  '.lan',
  '.home.arpa',
]
