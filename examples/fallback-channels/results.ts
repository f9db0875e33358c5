// The results of notifications, live: server-sent events that go on where they were after a cut.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Reached } from '../belfry.ts'

export type Results = {
  /** How a notification ended, once it is told. */
  endOf(id: string): Promise<string>
  close(): void
}

const patienceMs = 60_000

export async function followResults({ url, key }: Pick<Reached, 'url' | 'key'>): Promise<Results> {
  const ends = new Map<string, string>()
  const stop = new AbortController()
  let last = ''
  const open = () =>
    fetch(`${url}/stream`, {
      headers: { authorization: `Bearer ${key}`, ...(last && { 'last-event-id': last }) },
      signal: stop.signal,
    })

  async function read(stream: Response): Promise<void> {
    let text = ''
    for await (const part of stream.body!.pipeThrough(new TextDecoderStream())) {
      text += part
      const events = text.split('\n\n')
      text = events.pop()!
      for (const event of events) note(event)
    }
  }

  function note(event: string): void {
    last = /^id: ?(.+)$/m.exec(event)?.[1] ?? last
    const data = /^data: ?(.+)$/m.exec(event)?.[1]
    const name = /^event: ?notification\.(\w+)$/m.exec(event)?.[1]
    if (data === undefined || name === undefined) return
    const { data: notification } = JSON.parse(data) as { data: { id: string } }
    ends.set(notification.id, name)
  }

  async function follow(first: Response): Promise<void> {
    for (let stream = first; !stop.signal.aborted; stream = await open()) await read(stream)
  }
  follow(await open()).catch((error: unknown) => {
    if (!stop.signal.aborted) console.error(error)
  })

  return {
    async endOf(id) {
      const giveUpAt = Date.now() + patienceMs
      for (;;) {
        const end = ends.get(id)
        if (end !== undefined) return end
        if (Date.now() > giveUpAt) throw new Error(`nothing was told of ${id}`)
        await sleep(20)
      }
    },
    close: () => stop.abort(),
  }
}
