// What a person reads who is asked for an answer: what it is about, and who has answered, in the local time of theirs.
import type { Context } from '../context.ts'
import { localTimes, nameOf } from '../domain/person-words.ts'
import { findSubscriber } from '../sql/subscribers.ts'
import type { Acknowledged, GivenAnswer } from './acknowledge.ts'

export type AnswerWords = {
  /** Of the event type, or the subject of a message. */
  name: string
  /** Of a message that came with its text. */
  text: string | null
  when: string
  answer: { isOwn: boolean; who: string; when: string } | null
}

const longestText = 300

export async function describeAnswer(
  ctx: Context,
  workspaceId: number,
  found: Acknowledged,
): Promise<AnswerWords> {
  const { about } = found
  const { type, message, recipient, eventCreatedAt } = about
  const person = about.isSubscriber ? await findSubscriber(ctx.db, workspaceId, recipient) : null
  const times = localTimes(person?.timezone ?? null, ctx.in(workspaceId).clock.now())
  const tell = (at: Date) => `${times.tell(at)} (${times.timezone})`
  const registered = type === null ? null : await ctx.configuration.eventType(workspaceId, type)
  const name = registered?.name ?? type ?? message?.subject ?? 'A message to you'
  const body = message?.body ?? null
  const isLong = body !== null && body.length > longestText
  const answer = found.kind === 'answered' ? found.answer : null
  return {
    name,
    text: isLong ? `${body.slice(0, longestText)}…` : body,
    when: tell(eventCreatedAt),
    answer: answer && {
      isOwn: answer.notificationId === about.id && answer.by === null,
      who: await whoAnswered(ctx, workspaceId, answer),
      when: tell(answer.at),
    },
  }
}

/** By the name they go by here, if there is one. A bare address is nobody's to know. */
async function whoAnswered(
  ctx: Context,
  workspaceId: number,
  { recipient, isSubscriber, by }: GivenAnswer,
): Promise<string> {
  const id = by ?? (isSubscriber ? recipient : null)
  if (id === null) return 'Somebody'
  const person = await findSubscriber(ctx.db, workspaceId, id)
  return person ? nameOf({ recipient: id, data: person.data }) : id
}
