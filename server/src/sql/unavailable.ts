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

// pg throws plain errors for these; it has no codes for them.
const driverMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Cannot use a pool after calling end)/

/** Whether the database could not be reached, or asked to try again (a dead-lock, a lock not got). */
export function isUnavailable(error: unknown): boolean {
  const state = sqlState(error)
  if (state !== null) return /^(08|53|57P|40)/.test(state) || state === '55P03' || state === '25006'
  if (!(error instanceof Error)) return false
  const { code, syscall } = error as NodeJS.ErrnoException
  if (code !== undefined && syscall !== undefined && networkCodes.has(code)) return true
  if (error instanceof AggregateError) return error.errors.some(isUnavailable)
  return driverMessages.test(error.message)
}
