// Who an event is for, as asked and as stored with the event.

/** One entry of a stored audience; the order is kept, and those of `otherwise` come last. */
export type AudienceMember = (
  | { id: string } // a subscriber
  | { topic: string } // the members of a topic
  | { address: string } // nobody we know: the address itself, for a direct message
) & { from?: AudienceOrigin } & Partial<AtLocalTime>

/** Of whom it names, only those for whom a label of a schedule counts in this zone (domain/zone-moves.ts). */
export type AtLocalTime = { zone: string; label: string }

/** Who named it: the event type's audience, or its `otherwise`. Absent: the request. */
export type AudienceOrigin = 'event_type' | 'otherwise'

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
