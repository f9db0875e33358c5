// Deliveries whose text cannot be written, because a data source that it needs has failed.
import { dataFailed } from '../domain/data-source.ts'
import type { PlannedDelivery } from '../domain/plan.ts'
import type { EventTexts } from './event-texts.ts'

/** The delivery as it was, or as one that has failed. */
export function unsendable<D extends PlannedDelivery & { id: string }>(
  delivery: D,
  unwritten: EventTexts['unwritten'],
): D {
  const why = unwritten.get(delivery.id)
  if (why === undefined) return delivery
  const { notBefore: _notBefore, ...rest } = delivery
  return { ...rest, status: 'failed', reason: dataFailed, because: why } as D
}
