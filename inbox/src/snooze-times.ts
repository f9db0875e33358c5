// When a notification may come back: a few times that people mean, in their own time zone.

export type SnoozeTime = {
  name: 'inAnHour' | 'thisEvening' | 'tomorrow' | 'nextWeek'
  at: Date
}

/** In their order; only what is more than an hour and a half away is worth the name of an evening. */
export function snoozeTimes(now: Date): SnoozeTime[] {
  const day = (days: number, hour: number) =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour)
  const inAnHour = new Date(now.getTime() + 3_600_000)
  const evening = day(0, 18)
  const daysToMonday = (8 - now.getDay()) % 7 || 7
  const times: SnoozeTime[] = [
    { name: 'inAnHour', at: inAnHour },
    { name: 'thisEvening', at: evening },
    { name: 'tomorrow', at: day(1, 8) },
    { name: 'nextWeek', at: day(daysToMonday, 8) },
  ]
  return times.filter(
    ({ name, at }) =>
      (name !== 'thisEvening' || at.getTime() - now.getTime() > 5_400_000) &&
      // On a Sunday, tomorrow is next week.
      (name !== 'nextWeek' || daysToMonday > 1),
  )
}
