// The texts of the people an event is for, in one chunk of its fan-out.
import { createHash } from 'node:crypto'
import type { Channel } from '../domain/channel.ts'
import type { Content } from '../domain/content.ts'
import type { Person } from '../domain/plan.ts'
import type { ClaimedEvent } from '../sql/events.ts'
import type { FanOutRows } from '../sql/fan-out.ts'
import { chooseTemplate, renderContent, type Rendered } from './content.ts'
import type { CompiledTemplate } from './render.ts'

export type Text = { id: string; content: Content }

/** The texts of one event: shared where nothing personal is in them. */
export class EventTexts {
  readonly #event: ClaimedEvent
  readonly #templates: CompiledTemplate[]
  readonly #rows: FanOutRows
  readonly #shared = new Map<string, Text>()
  /** The first thing that went wrong while rendering. */
  error: string | null = null

  constructor(event: ClaimedEvent, templates: CompiledTemplate[], rows: FanOutRows) {
    this.#event = event
    this.#templates = templates
    this.#rows = rows
  }

  /** `ownId` names the text when it is this person's alone. */
  textFor(channel: Channel, person: Person, ownId: string): Text {
    const template = chooseTemplate(this.#templates, channel, person.locale)
    if (template?.isPersonal) {
      const own = renderContent(this.#event, channel, template, subscriberScope(person))
      return this.#store(ownId, own, false)
    }
    const name = `${channel} ${template?.locale ?? ''} ${template?.version ?? ''}`
    const known = this.#shared.get(name)
    if (known) return known

    const rendered = renderContent(this.#event, channel, template, null)
    const text = this.#store(sharedId(this.#event.id, name), rendered, true)
    this.#shared.set(name, text)
    return text
  }

  #store(id: string, { content, error }: Rendered, isShared: boolean): Text {
    this.error ??= error
    this.#rows.contents.push({ id, eventId: this.#event.id, isShared, content })
    return { id, content }
  }
}

/**
 * The same for every chunk of an event, so that all of them share one row; sorts by time like a UUIDv7.
 * Begins like the event's id: that is how the texts of an event are found.
 */
function sharedId(eventId: string, name: string): string {
  const hash = createHash('sha256').update(eventId).update(name).digest('hex')
  const begin = `${eventId.slice(0, 13)}-8${eventId.slice(15, 18)}`
  return `${begin}-a${hash.slice(0, 3)}-${hash.slice(3, 15)}`
}

/** What templates may read as `subscriber`. */
function subscriberScope({ recipient, locale, timezone, data, addresses }: Person) {
  const first = (channel: string) => addresses.find((a) => a.channel === channel)?.address ?? null
  return { id: recipient, locale, timezone, data, email: first('email'), phone: first('sms') }
}
