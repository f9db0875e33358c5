// Tells errors that pass by themselves from errors in a statement.
import { sqlState } from './db.ts'

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT', // the socket of the embedded server
])

const networkCalls = new Set(['connect', 'read', 'write', 'getaddrinfo'])

// A lock that was not got in time; a server that is not the primary (any more); a row that was deleted
// while something was added to it.
const passing = new Set(['55P03', '25006', '23503'])

// pg throws plain errors for these; it has no codes for them.
const driverMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Cannot use a pool after calling end)/

/** Whether the database could not be reached, or asked to try again (a dead-lock, a lock not got). */
export function isUnavailable(error: unknown): boolean {
  const state = sqlState(error)
  if (state !== null) return /^(08|53|57P|40)/.test(state) || passing.has(state)
  if (!(error instanceof Error)) return false
  const { code, syscall } = error as NodeJS.ErrnoException
  // A file that is missing has the code of a socket that is missing; the call tells them apart.
  if (code !== undefined && networkCodes.has(code) && networkCalls.has(syscall ?? '')) return true
  if (error instanceof AggregateError) return error.errors.some(isUnavailable)
  return driverMessages.test(error.message)
}
