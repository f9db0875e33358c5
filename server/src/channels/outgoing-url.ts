// Which URLs Belfry may call. Only what the WHATWG parser makes of a URL is judged, never its text:
// `http://0x7f000001/` and `http://127。0。0。1/` are both 127.0.0.1.
import { BlockList, isIP } from 'node:net'
import {
  type AllowedAddresses,
  isAddressAllowed,
  isNameAllowed,
  plainHost,
} from './public-address.ts'

export type UrlProblem = {
  code: 'invalid_url' | 'url_scheme' | 'url_port' | 'url_not_allowed'
  detail: string
}

/** A URL that passed: what a request needs of it. */
export type Target = { origin: string; path: string }

const maxUrlLength = 2048

/** What is wrong with a URL that Belfry is asked to call; null when nothing is. */
export function checkUrl(url: string, allowed: AllowedAddresses): UrlProblem | null {
  const read = readUrl(url, allowed)
  return 'code' in read ? read : null
}

/** The parts of a URL that may be called, or what is wrong with it. */
export function readUrl(url: string, allowed: AllowedAddresses): Target | UrlProblem {
  const parsed = url.length > maxUrlLength ? null : URL.parse(url)
  if (!parsed) return { code: 'invalid_url', detail: 'not a URL of at most 2048 characters' }
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') {
    return { code: 'url_scheme', detail: 'only https and http URLs can be called' }
  }
  if (parsed.username !== '' || parsed.password !== '') {
    return { code: 'url_not_allowed', detail: 'a URL must not carry a user name or password' }
  }

  const host = parsed.hostname.startsWith('[') ? parsed.hostname.slice(1, -1) : parsed.hostname
  const isLiteral = isIP(host) !== 0
  if (isLiteral ? !isAddressAllowed(host, allowed) : !isNameAllowed(host, allowed)) {
    return { code: 'url_not_allowed', detail: notPublic(parsed.hostname) }
  }

  // What is not public and passed nevertheless was listed by the operator: any port will do.
  const isListed = isLiteral
    ? !isAddressAllowed(host, nothingAllowed)
    : allowed.hosts.has(plainHost(host))
  if (!isListed && !isPortAllowed(parsed)) {
    return { code: 'url_port', detail: `port ${parsed.port} is not open to requests` }
  }
  return { origin: parsed.origin, path: parsed.pathname + parsed.search }
}

function notPublic(host: string): string {
  return `${host} is not a public address; BELFRY_ALLOW_PRIVATE_ADDRESSES can allow it`
}

const nothingAllowed: AllowedAddresses = {
  networks: new BlockList(),
  hosts: new Set(),
}

function isPortAllowed(url: URL): boolean {
  if (url.port === '') return true
  const port = Number(url.port)
  if (port === 443 || port === 80) return true
  return port >= 1024 && !internalPorts.has(port)
}

// Databases, brokers and control planes that answer to bytes they were never meant to get.
const internalPorts: ReadonlySet<number> = new Set([
  1433, 1521, 2049, 2375, 2376, 2377, 2379, 2380, 3306, 3389, 5432, 5433, 5671, 5672, 5984, 6379,
  6380, 6443, 6432, 7001, 8500, 9042, 9092, 9200, 9300, 10250, 11211, 15672, 25672, 27017, 27018,
  27019, 61613, 61616,
])
