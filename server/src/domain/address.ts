// Addresses that people can be reached at: which are accepted on each channel, and how one is shown
// to those who need not know all of it.
import { domainToASCII } from 'node:url'
import type { CarriedChannel } from './channel.ts'
import { parsePhone } from './phone.ts'

const maxBytes = 2048 // an index of the database takes little more

/** What is wrong with an address, in one sentence; null when the channel can use it. */
export function addressProblem(channel: CarriedChannel, address: string): string | null {
  if (address === '') return 'must not be empty'
  if (Buffer.byteLength(address) > maxBytes) return `must not be longer than ${maxBytes} bytes`
  if (/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(address)) return 'must not contain control characters'
  switch (channel) {
    case 'email':
      return emailProblem(address)
    case 'sms':
      return phoneProblem(address)
    case 'webhook':
      return urlProblem(address)
    case 'push':
    case 'telegram':
    case 'slack':
    case 'discord':
    case 'teams':
      return address.trim() === address ? null : 'must not begin or end with a space'
  }
}

/**
 * Exactly one plain mailbox: no lists, groups, comments, quotes or routes, as each of them is a way
 * to reach somebody else.
 */
export function emailProblem(address: string): string | null {
  const at = address.indexOf('@')
  if (at < 1 || at !== address.lastIndexOf('@'))
    return 'must be one address such as ana@example.com'
  const local = address.slice(0, at)
  const domain = address.slice(at + 1)

  if (!localPattern.test(local)) {
    return "the part before the @ may have letters, digits and !#$%&'*+/=?^_`{|}~-, parted by dots"
  }
  if (local.length > 64) return 'the part before the @ must not be longer than 64 characters'
  // The URL parser behind domainToASCII takes far more than names, such as %41 and full-width dots.
  const isName = /^[\p{L}\p{M}\p{N}.-]+$/u.test(domain) && domain === domain.normalize('NFC')
  if (!isName || !domainPattern.test(domainToASCII(domain))) {
    return 'the part after the @ must be a domain such as example.com'
  }
  if (asciiEmail(address).length > 254) return 'must not be longer than 254 characters'
  return null
}

const localPattern = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i
// Two labels or more; the last one is not a number, as in an IP address.
const domainPattern =
  /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** A mailbox that `emailProblem` accepts, as mail servers read it: `ana@bücher.example` in ASCII. */
export function asciiEmail(address: string): string {
  const at = address.lastIndexOf('@')
  return address.slice(0, at + 1) + domainToASCII(address.slice(at + 1))
}

function phoneProblem(address: string): string | null {
  const isPossible = /^\+[1-9]\d{6,14}$/.test(address) && parsePhone(address)?.isPossible()
  return isPossible ? null : 'must be a number with its country, such as +12025550123'
}

/** Only the form: whether Belfry may call the URL depends on where it runs, and is asked later. */
function urlProblem(address: string): string | null {
  const url = URL.parse(address)
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return 'must be an https or http URL'
  }
  if (url.username !== '' || url.password !== '') return 'must not carry a user name or password'
  return null
}

/** An address that is recognised by those who know it: `a•••@example.com`, `+1•••••67`. */
export function maskAddress(channel: CarriedChannel, address: string): string {
  switch (channel) {
    case 'email': {
      const at = address.lastIndexOf('@')
      return at < 1 ? '•••' : `${address.slice(0, 1)}•••${address.slice(at)}`
    }
    case 'sms':
      return address.length < 8 ? '•••' : `${address.slice(0, 2)}•••••${address.slice(-2)}`
    case 'webhook': {
      const url = URL.parse(address)
      return url ? `${url.protocol}//${url.host}/…` : '•••'
    }
    case 'push':
    case 'telegram':
    case 'slack':
    case 'discord':
    case 'teams':
      return address.length < 12 ? '•••' : `•••${address.slice(-4)}`
  }
}
