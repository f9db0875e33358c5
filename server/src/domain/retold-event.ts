// What became of an event as a whole, in a sentence or two. Its times are UTC: it has no zone of its own.
import { countOfPeople } from './person-words.ts'

export type RetoldEvent = {
  type: string | null
  status: string
  error: string | null
  recipientCount: number
  createdAt: Date
  cancelledAt: Date | null
}

export function tellEvent(event: RetoldEvent): string[] {
  const { type, status, error, recipientCount, createdAt, cancelledAt } = event
  const what = type ?? 'A direct message'
  const lines = [`${what} was accepted at ${moment(createdAt)}.`]
  if (status === 'failed') lines.push(`It failed: ${error ?? 'nobody knows why'}`)
  else if (status === 'no_audience')
    lines.push('It was for nobody: its audience led to no one who is known.')
  else if (status === 'accepted') lines.push('Belfry still looks for whom it is for.')
  else lines.push(`It was for ${countOfPeople(recipientCount)}.`)
  if (cancelledAt !== null) lines.push(`It was cancelled at ${moment(cancelledAt)}.`)
  return lines
}

/** 2026-06-01 09:02 UTC */
function moment(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
