// How people want channels to be worked: paused, with so many attempts at once, so many in a second. Every process
// knows it from memory, and hears of a change at once.
import type { CarriedChannel } from './domain/channel.ts'
import type { Signals } from './signals.ts'
import {
  listChannelControls,
  type ChannelControl,
  type ChannelControlRow,
} from './sql/channel-controls.ts'
import type { Db } from './sql/db.ts'

export type ChannelControls = {
  of(channel: CarriedChannel): ChannelControl
  /** Calls back after a change. */
  onChange(listener: () => void): void
}

const untouched: ChannelControl = {
  isPaused: false,
  reason: null,
  concurrency: null,
  perSecond: null,
}

type Given = { db: Db; signals: Signals; warn: (words: string) => (error: unknown) => void }

export async function createChannelControls({
  db,
  signals,
  warn,
}: Given): Promise<ChannelControls> {
  let known: Map<CarriedChannel, ChannelControlRow>
  const listeners = new Set<() => void>()
  const read = async () => {
    known = new Map((await listChannelControls(db)).map((row) => [row.channel, row]))
    listeners.forEach((listener) => listener())
  }
  const onError = warn('how channels are to be worked could not be read')
  await read()
  signals.on('belfry_channels', () => void read().catch(onError))
  return {
    of: (channel) => known.get(channel) ?? untouched,
    onChange: (listener) => void listeners.add(listener),
  }
}
