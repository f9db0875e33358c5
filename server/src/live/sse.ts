// Server-sent events: the way to a client that reads an HTTP response without an end.
// @see https://html.spec.whatwg.org/multipage/server-sent-events.html
import type { ServerResponse } from 'node:http'
import type { Ending, Message, Outlet } from './connections.ts'

/** `data` is JSON, so it has no line ends; names and positions are our own. */
const closeTimeoutMs = 2_000

export class SseOutlet implements Outlet {
  readonly kind = 'sse'
  readonly #response: ServerResponse

  constructor(response: ServerResponse) {
    this.#response = response
  }

  get waitingBytes(): number {
    return this.#response.writableLength
  }

  send({ event, data, position }: Message): void {
    const id = position === null ? '' : `id: ${position}\n`
    this.#response.write(`event: ${event}\n${id}data: ${data}\n\n`)
  }

  /** Without data it is no event, but the position counts. */
  beat(position: string): void {
    this.#response.write(`: heartbeat\nid: ${position}\n\n`)
  }

  end(ending: Ending): void {
    this.#response.end(ending === 'stopping' ? ': stopping\n\n' : `event: ${ending}\ndata: {}\n\n`)
    // Who does not read what is left would keep it here for as long as they like.
    setTimeout(() => this.#response.writableFinished || this.cut(), closeTimeoutMs).unref()
  }

  cut(): void {
    this.#response.destroy()
  }
}
