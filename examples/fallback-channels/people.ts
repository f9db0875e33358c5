// Who is told when a door is open. The sandbox refuses `failed@belfry.test` and the number that ends in 0102, and
// calls `bounced…@belfry.test` dead.
const run = Date.now() // an address that was called dead stays so: each run has its own

const emails: Record<string, string | null> = {
  alma: 'alma@example.com',
  boris: null,
  clara: 'failed@belfry.test',
  dario: `bounced+${run}@belfry.test`,
  edda: 'failed@belfry.test',
}
const phones: Record<string, string | null> = {
  alma: '+12025550141',
  boris: '+12025550142',
  clara: null,
  dario: '+12025550144',
  edda: '+12025550102',
}

export const people = Object.keys(emails).map((id) => ({
  id,
  email: emails[id]!,
  phone: phones[id]!,
  addresses: id === 'edda' ? {} : { telegram: `chat-of-${id}` },
}))
