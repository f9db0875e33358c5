// WebSockets: the same messages as JSON, for clients that cannot read a response as it comes.
import type { WebSocket } from 'ws'
import type { Ending, Message, Outlet } from './connections.ts'

// 1001: going away. 4000 and up are our own.
const closeCodes: Record<Ending, number> = { stopping: 1001, token_expired: 4401 }

export class SocketOutlet implements Outlet {
  readonly kind = 'websocket'
  readonly #socket: WebSocket

  constructor(socket: WebSocket) {
    this.#socket = socket
  }

  get waitingBytes(): number {
    return this.#socket.bufferedAmount
  }

  send({ event, data, position }: Message): void {
    const id = position === null ? '' : `"id":${JSON.stringify(position)},`
    this.#socket.send(`{"event":"${event}",${id}"data":${data}}`)
  }

  beat(position: string): void {
    this.send({ event: 'heartbeat', data: '{}', position })
  }

  end(ending: Ending): void {
    if (ending === 'token_expired') this.send({ event: ending, data: '{}', position: null })
    this.#socket.close(closeCodes[ending], ending)
  }

  cut(): void {
    this.#socket.terminate()
  }
}
