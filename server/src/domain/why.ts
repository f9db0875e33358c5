// "Why did I get this?", told to the person who asks.
import type { Decision } from './preferences.ts'
import type { Reason } from './reason.ts'

/** "You are manager of product:42." One for each way that led to the person. */
export function tellYou(reasons: Reason[]): string[] {
  return reasons.map(({ kind, topic }) => {
    switch (kind) {
      case 'request':
        return 'You were named by whoever sent it.'
      case 'event_type':
        return 'It is about something of yours: what happened names you.'
      case 'topic':
        return `You are ${membership(topic ?? '')}.`
      case 'escalation':
        return topic === null
          ? 'Nobody had answered it, and then you are asked.'
          : `Nobody had answered it, and you are ${membership(topic)}.`
      case 'otherwise':
        return topic === null
          ? 'There was nobody else to tell, and then you are told.'
          : `There was nobody else to tell, and you are ${membership(topic)}.`
    }
  })
}

function membership(topic: string): string {
  const [, object, relation] = /^(.+)#([^#]+)$/.exec(topic) ?? []
  return object === undefined ? `a member of ${topic}` : `${relation} of ${object}`
}

/** What preferences have to say about the channel now. */
export function tellYourChoice({ isOn, rule }: Decision, phrase: string): string {
  if (!isOn) return 'By now you have turned it off.'
  switch (rule) {
    case 'mandatory':
      return 'It is critical: everybody it is for gets it, and it cannot be turned off.'
    case 'nothing_said':
      return `It came ${phrase}, since you have not turned that off.`
    case 'event_type_default':
    case 'category_default':
    case 'channel_default':
      return `It came ${phrase}, as is usual for everybody here.`
    case 'event_type_channel':
    case 'event_type':
    case 'opt_in':
    case 'category':
    case 'channel':
    case 'level':
    case 'thread':
      return `It came ${phrase}, as you have chosen.`
  }
}
