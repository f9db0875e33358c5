// What `belfry start` suggests to try is what would happen.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { welcome } from '../src/cli/start-screen.ts'
import { until } from './given.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
after(() => t.close())
const shown = () =>
  welcome(t.ctx.config, { ctx: t.ctx, apiKey: null }, 'http://127.0.0.1:4000').join('\n')

test('the sandbox is suggested while it catches e-mail, and no e-mail once a provider would send it', async () => {
  assert.match(
    shown(),
    /read the e-mail the sandbox caught[^]*ana@example\.com[^]*\/sandbox\/messages/,
  )

  const settings = { host: 'mail.example.com', from: 'Belfry <belfry@example.com>' }
  const body = { channel: 'email', kind: 'smtp', name: 'mail', settings }
  const { status, body: answer } = await t.ask('POST', '/providers', body)
  assert.equal(status, 201, JSON.stringify(answer))
  await until('the provider is known', () => Promise.resolve(!shown().includes('sandbox')))

  assert.doesNotMatch(shown(), /@example\.com|"email"/)
  assert.match(shown(), /Try it: tell Ana, and see what became of it\./)
})
