// A test workspace for stories: a key of its own, its clock set to a Monday morning, webhooks to a receiver.
import assert from 'node:assert/strict'
import { insertWorkspace } from '../src/sql/workspaces.ts'
import { given, type Asking } from './given.ts'
import { createKey, type TestContext } from './test-context.ts'

export const monday = '2030-03-04T09:00:00.000Z'

export type TestWorkspace = Asking & {
  id: number
  key: string
  /** Moves the clock; what came of it. */
  advance(move: { by: string } | { to: string }): Promise<Moved>
  now(): Promise<string>
}

export type Moved = {
  status: string
  now: string
  target: string
  moments: number
  events: number
  steps: number
  attempts: number
}

export async function createTestWorkspace(t: TestContext, name: string): Promise<TestWorkspace> {
  const made = await insertWorkspace(t.ctx.db, { key: name, name, isTest: true })
  const key = await createKey(t.ctx, ['*'], made!.id)
  const ask: Asking['ask'] = (method, url, body, headers = {}) =>
    t.ask(method, url, body, { authorization: `Bearer ${key}`, ...headers })
  return {
    id: made!.id,
    key,
    ask,
    async advance(move) {
      const { status, body } = await ask('POST', '/clock/advance', move)
      assert.equal(status, 200, JSON.stringify(body))
      return body
    },
    now: async () => (await ask('GET', '/clock')).body.now,
  }
}

/** People p00000 … with webhooks to `url`, awake at all hours. */
export async function inhabit(workspace: TestWorkspace, url: string, count = 3): Promise<void> {
  await workspace.advance({ to: monday })
  await given.webhooks(workspace)
  await given.people(workspace, count, url)
}
