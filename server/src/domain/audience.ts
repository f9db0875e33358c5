// Who an event is for, as asked and as stored with the event.

/**
 * One entry of a stored audience; the order is kept. Those of `otherwise` come after the others, and last those who
 * are asked when nobody answers: `level` by `level`, from 1 on.
 */
export type AudienceMember = (
  | { id: string } // a subscriber
  | { topic: string } // the members of a topic
  | { address: string } // nobody we know: the address itself, for a direct message
) & { from?: AudienceOrigin; level?: number } & Partial<AtLocalTime>

/** Of whom it names, only those for whom a label of a schedule counts in this zone (domain/zone-moves.ts). */
export type AtLocalTime = { zone: string; label: string }

/** What named it: the event type's audience, its `otherwise`, or whom to ask next. Absent: the request. */
export type AudienceOrigin = 'event_type' | 'otherwise' | 'escalation'

/** A subscriber given in full with a request; stored before the event is. */
export type InlineSubscriber = {
  id: string
  email?: string | null
  phone?: string | null
  locale?: string | null
  timezone?: string | null
  data?: Record<string, unknown>
  addresses?: Record<string, unknown>
}
