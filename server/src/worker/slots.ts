// Places for attempts: how many may be under way at once on each channel in this process.
import type { CarriedChannel } from '../domain/channel.ts'

export type Slots = {
  free(channel: CarriedChannel): number
  /** Takes a place; false when all are taken. */
  reserve(channel: CarriedChannel): boolean
  release(channel: CarriedChannel): void
  /** Places taken, over all channels. */
  readonly taken: number
}

export function createSlots(
  limitOf: (channel: CarriedChannel) => number,
  onRelease: (channel: CarriedChannel) => void,
): Slots {
  const taken = new Map<CarriedChannel, number>()
  const count = (channel: CarriedChannel) => taken.get(channel) ?? 0
  return {
    free: (channel) => limitOf(channel) - count(channel),
    reserve(channel) {
      if (count(channel) >= limitOf(channel)) return false
      taken.set(channel, count(channel) + 1)
      return true
    },
    release(channel) {
      taken.set(channel, count(channel) - 1)
      onRelease(channel)
    },
    get taken() {
      return taken.values().reduce((sum, number) => sum + number, 0)
    },
  }
}
