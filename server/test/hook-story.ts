// A test workspace with people, and a receiver of its hooks, for stories about them.
import assert from 'node:assert/strict'
import { after, before, beforeEach } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { createLook, type Look } from './given.ts'
import { createHttpSink, type HttpSink, type SunkRequest } from './sinks.ts'
import { createTestContext, type TestContext } from './test-context.ts'
import { createTestWorkspace, inhabit, type TestWorkspace } from './test-workspace.ts'

export type Made = { id: string; secret: string }

export type HookStory = {
  t: TestContext
  look: Look
  people: HttpSink
  receiver: HttpSink
  /** Another one for each test. */
  trial: TestWorkspace
}

/** Begins before the tests of the file, ends after them. */
export function tellHookStories(): HookStory {
  const story = {} as HookStory
  let count = 0
  before(async () => {
    story.t = await createTestContext()
    story.look = createLook(story.t.connection)
    story.people = await createHttpSink()
    story.receiver = await createHttpSink()
  })
  after(async () => {
    await story.t.close()
    await story.look.close()
    await story.people.close()
    await story.receiver.close()
  })
  beforeEach(async () => {
    story.trial = await createTestWorkspace(story.t, `trial-${++count}`)
    await inhabit(story.trial, story.people.url)
    story.receiver.answer = () => ({})
    story.receiver.requests.length = 0
  })
  return story
}

export async function makeHook(
  { trial, receiver }: HookStory,
  path: string,
  more: Record<string, unknown> = {},
): Promise<Made> {
  const { status, body } = await trial.ask('POST', '/hooks', { url: receiver.url + path, ...more })
  assert.equal(status, 201, JSON.stringify(body))
  return body
}

export async function attemptsOf({ trial }: HookStory, { id }: Made, query = '') {
  return (await trial.ask('GET', `/hooks/${id}/attempts${query}`)).body.attempts
}

/** A message that is delivered to its person at once; its notification. */
export async function tellSomebody({ trial }: HookStory): Promise<string> {
  const direct = { to: ['p00000'], channels: ['webhook'], message: 'Hello', level: 'critical' }
  const { status, body } = await trial.ask('POST', '/notifications', direct)
  assert.equal(status, 202, JSON.stringify(body))
  await trial.advance({ by: '1s' })
  return body.notification_ids[0]
}

export function toldTo({ receiver }: HookStory, path: string): SunkRequest[] {
  return receiver.requests.filter((request) => request.path === path)
}

export function isSignedWith(secret: string, { body, headers }: SunkRequest): boolean {
  // The package looks at its own clock, and the one of the tests may be ahead.
  const at = new Date(Number(headers['webhook-timestamp']) * 1_000)
  const signature = new Webhook(secret).sign(String(headers['webhook-id']), at, body)
  return String(headers['webhook-signature']).split(' ').includes(signature)
}
