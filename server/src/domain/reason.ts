// Why a person hears about an event: every way that led there. Stored with the notification as short
// texts, so that it can be told however long ago the event was.
import type { AudienceMember, AudienceOrigin } from './audience.ts'

/** `topic`: the members of a topic that the event type or the request names. */
export type Reason = { kind: 'request' | AudienceOrigin | 'topic'; topic: string | null }

const topicMark = 'topic:'
const otherwiseTopicMark = 'otherwise:topic:'
const escalationTopicMark = 'escalation:topic:'
export const namedInRequest = 'request'

/** As it is stored: `request`, `event_type`, `otherwise`, `escalation`, `topic:<key>`, or the latter after the former. */
export function reasonText(member: AudienceMember): string {
  if (!('topic' in member)) return member.from ?? namedInRequest
  if (member.from === 'escalation') return `${escalationTopicMark}${member.topic}`
  return `${member.from === 'otherwise' ? otherwiseTopicMark : topicMark}${member.topic}`
}

/** `stored` is null for a person who is simply named in the request. */
export function reasonsOf(stored: string[] | null): Reason[] {
  return (stored ?? [namedInRequest]).map((text) => {
    if (text.startsWith(topicMark)) return { kind: 'topic', topic: text.slice(topicMark.length) }
    if (text.startsWith(otherwiseTopicMark))
      return { kind: 'otherwise', topic: text.slice(otherwiseTopicMark.length) }
    if (text.startsWith(escalationTopicMark))
      return { kind: 'escalation', topic: text.slice(escalationTopicMark.length) }
    return { kind: text as Reason['kind'], topic: null } // as `reasonText` made it
  })
}

/** `manager of product:42 and named in the request` */
export function tellReasons(reasons: Reason[]): string {
  return reasons.map(tellReason).join(' and ')
}

function tellReason({ kind, topic }: Reason): string {
  switch (kind) {
    case 'request':
      return 'named in the request'
    case 'event_type':
      return 'named by the event type'
    case 'topic':
      return membership(topic ?? '')
    case 'escalation': {
      const who = topic === null ? 'named' : membership(topic)
      return `${who}, to be asked when nobody answers`
    }
    case 'otherwise': {
      const who = topic === null ? 'named' : membership(topic)
      return `${who}, to be told otherwise: the audience found nobody`
    }
  }
}

function membership(topic: string): string {
  const [, object, relation] = /^(.+)#([^#]+)$/.exec(topic) ?? []
  return object === undefined ? `member of the topic ${topic}` : `${relation} of ${object}`
}
