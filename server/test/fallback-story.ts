// What stories about fallbacks start from: the sandbox, which fails for some addresses, a worker, and how one looks
// at what was tried.
import assert from 'node:assert/strict'
import { checkConservation } from './conservation.ts'
import { createLook, until } from './given.ts'
import { createTestContext } from './test-context.ts'

export type FallbackStory = Awaited<ReturnType<typeof createFallbackStory>>

// As the API shows it.
// oxlint-disable-next-line typescript/no-explicit-any
type Told = any

export async function createFallbackStory() {
  const belfry = await createTestContext()
  const look = createLook(belfry.connection)
  belfry.work({ pollMs: 500 })

  async function told(id: string): Promise<Told> {
    return (await belfry.ask('GET', `/notifications/${id}`)).body
  }

  const decisions = ({ trace }: Told): string[] =>
    trace.filter(({ step }: Told) => step === 'fallback').map(({ because }: Told) => because)

  return {
    belfry,
    look,
    told,
    decisions,
    async send(to: string[], more: Record<string, unknown> = {}): Promise<string[]> {
      const message = { to, channels: ['email'], message: 'The door is open', ...more }
      const { status, body } = await belfry.ask('POST', '/notifications', message)
      assert.equal(status, 202, JSON.stringify(body))
      return body.notification_ids
    },
    async ended(id: string): Promise<Told> {
      await until('it has ended', async () => (await told(id)).finished_at !== null)
      return told(id)
    },
    /** Once the plan says that it waits for this. */
    waits: (id: string, what: string) =>
      until(`it waits: ${what}`, async () => {
        const { trace, finished_at: end } = await told(id)
        return end === null && trace.at(-1).because.includes(what)
      }),
    /** Each delivery, how it stands and why, those of one step by their names. */
    ways: ({ deliveries }: Told): string[] =>
      deliveries.map(({ channel, status, reason }: Told) =>
        [channel, status, ...(reason === null ? [] : [reason])].join(' '),
      ),
    check: () => checkConservation(look, { accepted: [], receipts: [] }),
    async close() {
      await look.close()
      await belfry.close()
    },
  }
}
