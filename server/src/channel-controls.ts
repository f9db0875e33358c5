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

export type ChannelControls = AsyncDisposable & {
  of(channel: CarriedChannel): ChannelControl
  onChange(listener: Listener): void
}

/** `otherLimits`: the channels that may be given more, or less, in a second than before. */
type Listener = (otherLimits: CarriedChannel[]) => void

const untouched: ChannelControl = {
  isPaused: false,
  reason: null,
  concurrency: null,
  perSecond: null,
}
const maxAgeMs = 30_000

type Given = { db: Db; signals: Signals; warn: (words: string) => (error: unknown) => void }

export async function createChannelControls({
  db,
  signals,
  warn,
}: Given): Promise<ChannelControls> {
  const onError = warn('how channels are to be worked could not be read')
  const listeners = new Set<Listener>()
  let known = new Map<CarriedChannel, ChannelControlRow>()
  const of = (channel: CarriedChannel): ChannelControl => known.get(channel) ?? untouched

  async function read(): Promise<void> {
    const before = known
    known = new Map((await listChannelControls(db)).map((row) => [row.channel, row]))
    const limitIn = (rows: typeof known, channel: CarriedChannel) =>
      rows.get(channel)?.perSecond ?? null
    const others = [...known.keys()].filter(
      (channel) => limitIn(before, channel) !== limitIn(known, channel),
    )
    listeners.forEach((listener) => listener(others))
  }

  await read()
  // One after the other: what is read last is what holds.
  let reading = Promise.resolve()
  const readAgain = () => void (reading = reading.then(read).catch(onError))
  signals.on('belfry_channels', readAgain)
  const aging = setInterval(readAgain, maxAgeMs).unref() // the net below a ring that is lost
  return {
    of,
    onChange: (listener) => void listeners.add(listener),
    async [Symbol.asyncDispose]() {
      clearInterval(aging)
      await reading
    },
  }
}
