// Somebody who uses the test tool as a browser would: signed in there, and with a token of their own at Belfry.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer } from '@belfry/client'
import type { App } from './app.ts'
import type { Scenario } from './scenarios.ts'

export type Feed = Answer<'listMyFeed'>
type Answered<Body> = { status: number; body: Body }

const patienceMs = 30_000

export type Person = Awaited<ReturnType<typeof signIn>>

export async function signIn(app: App, belfry: { url: string }, user: string) {
  const signedIn = await fetch(`${app.url}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user }),
  })
  assert.equal(signedIn.status, 200)
  const cookie = signedIn.headers.get('set-cookie')!.split(';')[0]!
  const inApp = <Body>(method: string, path: string, body?: object) =>
    ask<Body>(app.url + path, { cookie }, method, body)

  const { token } = (await inApp<{ token: string }>('POST', '/token')).body
  const authorization = `Bearer ${token}`
  const atBelfry = <Body>(method: string, path: string, body?: object) =>
    ask<Body>(belfry.url + path, { authorization }, method, body)
  const feed = async () => (await atBelfry<Feed>('GET', '/me/notifications?limit=100')).body

  return {
    create: async (name: string) => (await inApp<Scenario>('POST', '/scenarios', { name })).body,
    execute: async ({ id }: Scenario) =>
      (await inApp<Scenario>('POST', `/scenarios/${id}/execute`)).body,
    delete: ({ id }: Scenario) => inApp('DELETE', `/scenarios/${id}`),

    atBelfry,
    feed,
    /** Subscribes to `created`, `executed` or `deleted`, or leaves it. */
    async subscribe(what: string, isOn: boolean): Promise<void> {
      const { status } = await atBelfry('PATCH', '/me/preferences', {
        event_types: { [`test_scenario.${what}`]: { enabled: isOn } },
      })
      assert.equal(status, 200)
    },
    /** The feed, once it has a notification with this title. */
    async hears(title: string, times = 1): Promise<Feed> {
      const giveUpAt = Date.now() + patienceMs
      for (;;) {
        const seen = await feed()
        if (titlesOf(seen).filter((one) => one === title).length >= times) return seen
        assert.ok(Date.now() < giveUpAt, `${user} never heard "${title}"`)
        await sleep(50)
      }
    },
  }
}

export function titlesOf({ notifications }: Feed): string[] {
  return notifications.map(({ content }) => content.title ?? '')
}

async function ask<Body>(
  url: string,
  headers: Record<string, string>,
  method: string,
  body?: object,
): Promise<Answered<Body>> {
  const response = await fetch(url, {
    method,
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  // What is asked for is known where it is asked.
  return { status: response.status, body: (text ? JSON.parse(text) : null) as Body }
}
