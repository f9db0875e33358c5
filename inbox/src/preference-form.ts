// The preferences of a person as a preference centre shows them, and a change of them.

export type PreferenceForm = {
  level: 'standard' | 'critical'
  quiet_hours: { start: string; end: string } | null
  /** Null: UTC. */
  timezone: string | null
  /** Categories, and event types without one. */
  groups: PreferenceGroup[]
  /** Event types that one hears of only after subscribing. */
  subscriptions: { event_type: string; title: string; is_on: boolean }[]
  /** What everybody gets, because it is critical. */
  mandatory: { event_type: string; title: string; category: string | null; channels: string[] }[]
}

export type PreferenceGroup = {
  /** How a change names it. */
  name: string
  title: string
  channels: { channel: string; is_on: boolean }[]
}

/** What is absent stays as it is. */
export type PreferenceChange = {
  level?: 'standard' | 'critical'
  quiet_hours?: { start: string; end: string } | null
  timezone?: string | null
  /** By the name of the group and the channel. */
  groups?: Record<string, Record<string, boolean>>
  subscriptions?: Record<string, boolean>
}
