import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLog } from './log.ts'

function createLines(options: { level?: string; isTerminal?: boolean } = {}) {
  const lines: string[] = []
  const log = createLog({
    level: 'info',
    isTerminal: false,
    ...options,
    write: (line) => void lines.push(line),
  })
  return { log, lines, last: () => JSON.parse(lines.at(-1)!) as Record<string, unknown> }
}

/** As drivers throw them: with the connection, and so the password, on the error. */
function driverError(): Error {
  const client = { password: 'hunter2', connectionParameters: { password: 'hunter2' } }
  return Object.assign(new Error('it broke'), {
    code: '57P01',
    client,
    detail: 'Key (email)=(hunter2)',
  })
}

test('a line is JSON: the sentence, the level, the fields', () => {
  const { log, last } = createLines()

  log.info({ deliveryId: 'd1' }, 'delivery sent')

  const { time, ...rest } = last()
  assert.equal(typeof time, 'number')
  assert.deepEqual(rest, { level: 30, deliveryId: 'd1', msg: 'delivery sent' })
})

test('what is below the level is not written', () => {
  const { log, lines } = createLines({ level: 'warn' })

  log.info('nothing')

  assert.deepEqual(lines, [])
})

const errors: [string, unknown][] = [
  ['as it is', driverError()],
  ['as the cause of another', new Error('no answer', { cause: driverError() })],
  ['deep below', new Error('a', { cause: new Error('b', { cause: driverError() }) })],
  ['as one of several', new AggregateError([driverError()], 'all failed')],
  ['as a cause that is no error', new Error('no answer', { cause: { password: 'hunter2' } })],
  ['thrown although it is no error', { password: 'hunter2' }],
]
for (const [name, err] of errors) {
  for (const isTerminal of [false, true]) {
    test(`an error never shows what hangs on it, ${name}${isTerminal ? ', in a terminal' : ''}`, () => {
      const { log, lines } = createLines({ isTerminal })

      log.error({ err }, 'something failed')

      assert.equal(lines.length, 1)
      assert.match(lines[0]!, /something failed/)
      assert.doesNotMatch(lines[0]!, /hunter2/)
    })
  }
}

test('of an error its kind, message, code, stack and cause are shown', () => {
  const { log, last } = createLines()
  const cause = Object.assign(new TypeError('below'), { code: 'ECONNRESET' })

  log.error({ err: new Error('above', { cause }) }, 'something failed')

  const err = last().err as Record<string, unknown> & { cause: Record<string, unknown> }
  assert.deepEqual([err.type, err.message], ['Error', 'above'])
  assert.match(String(err.stack), /above[^]*log\.test\.ts/)
  assert.deepEqual(
    [err.cause.type, err.cause.message, err.cause.code],
    ['TypeError', 'below', 'ECONNRESET'],
  )
})

test('an error that is its own cause is written all the same', () => {
  const { log, lines } = createLines()
  const error: Error & { cause?: unknown } = new Error('round')
  error.cause = error

  log.error({ err: error }, 'something failed')

  assert.match(lines.join(), /round/)
})

test('in a terminal a line can be read, and a field cannot steer the terminal', () => {
  const { log, lines } = createLines({ isTerminal: true })

  log.warn({ provider: 'a\u001b[2J\nb', attempt: 2 }, 'attempt failed')

  assert.match(
    lines[0]!,
    /\d\d:\d\d:\d\d\.\d{3}.*attempt failed.*provider="a\\u001b\[2J\\nb" attempt=2/,
  )
})
