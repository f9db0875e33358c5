// Places are few for each workspace, and whoever waits for one may stop waiting.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPlaces } from './places.ts'

const patient = new AbortController().signal

test('who waits gets the place of who has ended, and another workspace has its own', async () => {
  const places = createPlaces(1)
  const first = Promise.withResolvers<string>()
  const begun: string[] = []
  const take = (workspaceId: number, name: string, work: () => Promise<string>) =>
    places.take(workspaceId, patient, () => {
      begun.push(name)
      return work()
    })

  const one = take(1, 'first', () => first.promise)
  const next = take(1, 'second', async () => 'second')
  await take(2, 'other', async () => 'other')
  assert.deepEqual(begun, ['first', 'other'])
  first.resolve('first')

  assert.deepEqual(await Promise.all([one, next]), ['first', 'second'])
})

test('who no longer waits gets none, and takes none from those behind', async () => {
  const places = createPlaces(1)
  const first = Promise.withResolvers<string>()
  const giveUp = new AbortController()
  const one = places.take(1, patient, () => first.promise)
  const impatient = places.take(1, giveUp.signal, () => assert.fail('it had given up'))
  const next = places.take(1, patient, async () => 'third')

  giveUp.abort()

  assert.equal(await impatient, null)
  first.resolve('first')
  assert.deepEqual(await Promise.all([one, next]), ['first', 'third'])
})
