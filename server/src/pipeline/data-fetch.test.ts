// Asking comes to an end, also when nobody comes to ask.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Answer } from '../channels/outgoing-exchange.ts'
import { createMetrics } from '../metrics.ts'
import { createDataFetch } from './data-fetch.ts'

const metrics = createMetrics({
  version: '',
  countQueues: async () => [],
  pruneLagMs: async () => 0,
  listBreakers: async () => [],
  countStreams: () => ({}),
})
const empty: Answer = { kind: 'answered', status: 200, headers: {}, body: '{}', isComplete: true }

test('a source for which no place becomes free for long has failed in a way that may pass', async () => {
  const answers: PromiseWithResolvers<Answer>[] = []
  const { ask } = createDataFetch({
    outgoing: {
      request() {
        answers.push(Promise.withResolvers())
        return answers.at(-1)!.promise
      },
      problemOf: () => null,
      close: async () => {},
    },
    metrics,
    now: () => new Date(),
    longestWaitMs: 1_000,
  })
  const askFor = (timeout: string) =>
    ask({ workspaceId: 1, source: { url: '', timeout }, url: 'http://orders.test/', headers: {} })
  const slow = Array.from({ length: 16 }, () => askFor('10s'))

  const late = await askFor('1s')

  assert.equal(late.kind, 'retry')
  assert.match(late.because, /^could not be fetched from orders\.test: .* 16 .* for 1000 ms$/)
  assert.equal(answers.length, 16, 'it was not asked')
  for (const { resolve } of answers) resolve(empty)
  assert.deepEqual(new Set((await Promise.all(slow)).map(({ kind }) => kind)), new Set(['fetched']))
  const soon = askFor('1s')
  answers[16]!.resolve(empty)
  assert.equal((await soon).kind, 'fetched')
})
