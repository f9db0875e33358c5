// Tells what is wrong with the values of a statement from what passes by itself: a database that is
// away, busy, or has been told to stop. What is neither is a mistake, of ours or of whoever set it up.
import { sqlState } from './db.ts'

// The row was deleted while something was added to it: next time it is not there to begin with.
const rowDeleted = '23503'

// Somebody else has stored the same row just now: whoever looks first finds it there.
const rowStored = '23505'

/** Whether it would fail again with these values, whatever the database does. */
export function isValuesFault(error: unknown): boolean {
  const state = sqlState(error)
  // Cardinality, data, constraints, limits. A RangeError is ours: too long, too deep, no such time.
  if (state === rowDeleted || state === rowStored) return false
  if (state !== null) return /^(21|22|23|54)/.test(state)
  return error instanceof RangeError
}

// Connections, transactions that met, resources, operators, files, logins.
const passingClasses = /^(08|40|53|57|58|28)/

// A lock that was not got in time; a server that is not the primary (any more).
const passing = new Set(['55P03', '25006', rowDeleted])

// No place for another connection, no way there, or nobody who listens: whatever the reason is called.
const connectingCalls = new Set(['connect', 'socket', 'getaddrinfo'])

// The same calls read and write files, so the reason has to tell.
const connectionLost = new Set(['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'ENOBUFS'])

// pg throws plain errors for these; it has no codes for them.
const driverMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Cannot use a pool after calling end)/

/** Whether the database could not be reached, or asked to try again (a dead-lock, a lock not got). */
export function isUnavailable(error: unknown): boolean {
  const state = sqlState(error)
  if (state !== null) return passingClasses.test(state) || passing.has(state)
  if (!(error instanceof Error)) return false
  const { code, syscall } = error as NodeJS.ErrnoException
  if (code !== undefined && syscall !== undefined) {
    if (connectingCalls.has(syscall)) return true
    if (/^(read|write)/.test(syscall) && connectionLost.has(code)) return true
  }
  if (error instanceof AggregateError) return error.errors.some(isUnavailable)
  return driverMessages.test(error.message)
}
