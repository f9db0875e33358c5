// Channels of an event type that have no template: their people read the fallback text.
import type { Channel } from './channel.ts'
import type { EventTypeDefinition } from './event-type.ts'
import { programOf } from './plan-steps.ts'

/** `pointer`: into the event type, to where the channel is named first. */
export type MissingTemplate = { pointer: string; detail: string }

/** `templates`: the channels that have one, in whatever language. A webhook needs none. */
export function missingTemplates(
  { channels, plan }: Pick<EventTypeDefinition, 'channels' | 'plan'>,
  templates: ReadonlySet<Channel>,
): MissingTemplate[] {
  const places = plan
    ? programOf(plan).flatMap((step) =>
        step.kind === 'send' ? placesOf(step.channels, `/plan${step.pointer}/send`) : [],
      )
    : placesOf(channels, '/channels')
  const firsts = new Map<Channel, string>()
  for (const { channel, pointer } of places) firsts.getOrInsert(channel, pointer)
  return [...firsts]
    .filter(([channel]) => channel !== 'webhook' && !templates.has(channel))
    .map(([channel, pointer]) => ({
      pointer,
      detail: `has no template for ${channel} yet; until it has, people read the fallback text there.`,
    }))
}

function placesOf(channels: readonly Channel[], above: string) {
  return channels.map((channel, i) => ({ channel, pointer: `${above}/${i}` }))
}
