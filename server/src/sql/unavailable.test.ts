import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { isUnavailable, isValuesFault } from './unavailable.ts'

function database(code: string): Error {
  return Object.assign(new pg.DatabaseError('refused', 0, 'error'), { code })
}

function system(code: string, syscall: string): Error {
  return Object.assign(new Error(`${syscall} ${code}`), { code, syscall })
}

// what happened, the error, whose it is
const cases: [string, unknown, 'passes' | 'values' | 'neither'][] = [
  ['a statement that was cancelled, or ran out of time', database('57014'), 'passes'],
  ['a server that is shut down', database('57P01'), 'passes'],
  ['a password that has just changed', database('28P01'), 'passes'],
  ['a disk that does not answer', database('58030'), 'passes'],
  ['a disk that is full', database('53100'), 'passes'],
  ['a dead-lock', database('40P01'), 'passes'],
  ['a lock that was not got in time', database('55P03'), 'passes'],
  ['a row that was deleted meanwhile', database('23503'), 'passes'],
  ['a process without a place for another file', system('EMFILE', 'connect'), 'passes'],
  ['a machine without a place for another file', system('ENFILE', 'connect'), 'passes'],
  ['a network that is down', system('ENETUNREACH', 'connect'), 'passes'],
  ['a machine that is out of ports', system('EADDRNOTAVAIL', 'connect'), 'passes'],
  ['a machine that is out of buffers', system('ENOBUFS', 'write'), 'passes'],
  ['a socket that is not there', system('ENOENT', 'connect'), 'passes'],
  ['a name that cannot be resolved', system('EAI_AGAIN', 'getaddrinfo'), 'passes'],
  ['a connection that broke', new Error('Connection terminated unexpectedly'), 'passes'],
  [
    'two addresses, neither of them reached',
    new AggregateError([system('X', 'connect')]),
    'passes',
  ],
  ['a file that is missing', system('ENOENT', 'open'), 'neither'],
  ['a row that somebody else has stored just now', database('23505'), 'neither'],
  ['a statement with a mistake', database('42601'), 'neither'],
  ['a mistake of ours', new TypeError('undefined is not a function'), 'neither'],
  ['a character that cannot be stored', database('22P05'), 'values'],
  ['a second row where one may be', database('21000'), 'values'],
  ['a constraint', database('23514'), 'values'],
  ['an index entry that is too long', database('54000'), 'values'],
  ['a text that is too long for us', new RangeError('Invalid string length'), 'values'],
]
for (const [what, error, whose] of cases) {
  test(`${what}: ${whose === 'neither' ? 'neither passes nor is the fault of the values' : whose}`, () => {
    assert.deepEqual(
      [isUnavailable(error), isValuesFault(error)],
      [whose === 'passes', whose === 'values'],
    )
  })
}
