// The texts of one event: shared where nothing personal is in them, all rendered before the rows are made.
import { createHash } from 'node:crypto'
import type { Context } from '../context.ts'
import type { Channel } from '../domain/channel.ts'
import type { Content } from '../domain/content.ts'
import type { EventData } from '../domain/data-source.ts'
import type { Event } from '../domain/event.ts'
import type { Person } from '../domain/plan.ts'
import type { NewContent } from '../sql/fan-out.ts'
import {
  chooseTemplate,
  contentWithoutData,
  contentWithoutTemplate,
  failedContent,
  scopeOf,
  type Rendered,
} from './content.ts'
import { missingFor } from './event-data.ts'
import type { NextPeople } from './next-people.ts'
import type { DigestScope } from './plan-texts.ts'
import type { Reader } from './render-batch.ts'
import type { CompiledTemplate } from './render.ts'

/** `ownId` names the text when it is this person's alone, as one of a digest is. */
export type WantedText = {
  channel: Channel
  person: Person
  ownId: string
  digest?: DigestScope | null
}

export type Text = { id: string; content: Content }

export type EventTexts = {
  /** By `ownId`. */
  texts: Map<string, Text>
  /** By `ownId`, why a text cannot be written and nothing is said instead. */
  unwritten: Map<string, string>
  contents: NewContent[]
  /** The first thing that went wrong while rendering. */
  error: string | null
}

/** Texts that are rendered together: those of one template, in one language. */
type Group = {
  template: CompiledTemplate | null
  name: string
  wanted: WantedText[]
  reader: Reader
}

type TextsOf = { event: Event & { data?: EventData } } & Pick<
  NextPeople,
  'templates' | 'fallback' | 'workspace'
>

export async function writeTexts(
  ctx: Context,
  chunk: TextsOf,
  wanted: WantedText[],
): Promise<EventTexts> {
  const { event } = chunk
  const written: EventTexts = { texts: new Map(), unwritten: new Map(), contents: [], error: null }
  const store = (id: string, { content, error }: Rendered, isShared: boolean): Text | string => {
    written.error ??= error
    if (content === null) return error
    written.contents.push({ id, eventId: event.id, isShared, content })
    return { id, content }
  }
  for (const group of groupsOf(chunk, wanted)) {
    const isPersonal = isOwn(event, group)
    const rendered = await renderGroup(ctx, chunk, group)
    const shared = isPersonal ? null : store(sharedId(event.id, group.name), rendered[0]!, true)
    for (const [i, { ownId }] of group.wanted.entries()) {
      const text = shared ?? store(ownId, rendered[i]!, false)
      if (typeof text === 'string') written.unwritten.set(ownId, text)
      else written.texts.set(ownId, text)
    }
  }
  return written
}

function groupsOf({ event, templates }: TextsOf, wanted: WantedText[]): Iterable<Group> {
  const groups = new Map<string, Group>()
  for (const want of wanted) {
    const { locale } = want.person
    const template = chooseTemplate(templates, want.channel, locale)
    const translation = template?.translationFor(locale) ?? null
    const language = template?.isPersonal ? '' : (translation ?? '')
    const kind = want.digest ? ' digest' : ''
    const data = event.data === undefined ? '' : ` ${event.data.id}`
    const name = `${want.channel} ${template?.locale ?? ''} ${template?.version ?? ''} ${language}${kind}${data}`
    const group = groups.get(name)
    if (group) group.wanted.push(want)
    else groups.set(name, { template, name, wanted: [want], reader: { locale: translation } })
  }
  return groups.values()
}

function isOwn({ message }: Event, { template, wanted }: Group): boolean {
  if (template) return template.isPersonal || Boolean(wanted[0]?.digest)
  return Boolean(wanted[0]?.digest) || message?.acknowledge !== undefined
}

/** One text for each person, or one for all. */
async function renderGroup(
  ctx: Context,
  { event, fallback, workspace }: TextsOf,
  group: Group,
): Promise<Rendered[]> {
  const { template, wanted, reader } = group
  if (!template) {
    const each = isOwn(event, group) ? wanted : wanted.slice(0, 1)
    return each.map(({ channel, digest = null, person }) =>
      contentWithoutTemplate(event, channel, fallback, {
        digest,
        answerUrl: event.message?.acknowledge ? answerUrlOf(ctx, event, person) : null,
      }),
    )
  }
  const missing = missingFor(template, event.data)
  if (missing !== null) {
    const each = isOwn(event, group) ? wanted : wanted.slice(0, 1)
    return each.map(() => contentWithoutData(template, fallback, missing))
  }
  const readers = isOwn(event, group) ? wanted.map((want) => readerOf(ctx, event, want)) : [reader]
  const { data } = event
  const scope = { ...scopeOf(event, workspace), ...(data && { data: data.values }) }
  const results = await ctx.renderer.render(event.workspaceId, template, scope, readers)
  return results.map((result) =>
    'content' in result
      ? { content: result.content, error: null }
      : failedContent(template, fallback, result.error),
  )
}

/** What templates may read of a person. */
function readerOf(ctx: Context, event: Event, { channel, person, digest }: WantedText): Reader {
  const { recipient, locale, timezone, data, addresses } = person
  const first = (channel: string) => addresses.find((a) => a.channel === channel)?.address ?? null
  const subscriber = {
    id: recipient,
    locale,
    timezone,
    data,
    email: first('email'),
    phone: first('sms'),
  }
  return {
    subscriber,
    locale,
    ...(digest && { digest }),
    ...linksOf(ctx, event, { channel, person }),
  }
}

function linksOf(
  { links }: Context,
  { workspaceId, id: eventId, type: eventType, level }: Event,
  { channel, person }: Pick<WantedText, 'channel' | 'person'>,
): Pick<Reader, 'unsubscribe_url' | 'preferences_url' | 'why_url' | 'acknowledge_url'> {
  const { recipient } = person
  const acknowledge_url = answerUrlOf({ links }, { workspaceId, id: eventId }, person)
  if (!person.isSubscriber) return { acknowledge_url }
  const owner = { workspaceId, subscriberId: recipient }
  const always = {
    acknowledge_url,
    preferences_url: links.preferences(owner),
    why_url: links.why({ ...owner, eventId, channel }),
  }
  if (level === 'critical') return always // which cannot be unsubscribed from
  return { ...always, unsubscribe_url: links.unsubscribe({ ...owner, eventType, channel }) }
}

function answerUrlOf(
  { links }: Pick<Context, 'links'>,
  { workspaceId, id: eventId }: Pick<Event, 'workspaceId' | 'id'>,
  { recipient }: Pick<Person, 'recipient'>,
): string {
  return links.acknowledge({ workspaceId, eventId, recipient })
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
