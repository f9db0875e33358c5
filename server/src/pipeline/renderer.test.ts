import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { compileTemplate } from './render.ts'
import { createRenderer } from './renderer.ts'

const renderer = createRenderer()
after(() => renderer.close())

const compiled = (body: string) =>
  compileTemplate({ channel: 'sms', locale: 'default', version: 1, content: { body } })
const scope = { params: {}, event: { id: '', type: null, created_at: '' } }

test('a template that was slow stays apart when it is compiled anew, in its workspace', async () => {
  const render = () => {
    const from = process.threadCpuUsage().user
    while (process.threadCpuUsage().user - from < 40_000);
    return { body: 'slow' }
  }
  const slow = { ...compiled('slow'), render }

  await renderer.render(1, slow, scope, [{}])
  assert.equal(renderer.isApart(1, compiled('slow')), false)
  await renderer.render(1, slow, scope, [{}])

  assert.equal(renderer.isApart(1, compiled('slow')), true)
  assert.equal(renderer.isApart(1, compiled('quick')), false)
  assert.equal(renderer.isApart(2, compiled('slow')), false)
})

test('a template that only had to wait for others is not slow', async () => {
  const render = () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30)
    return { body: 'waited' }
  }
  const waited = { ...compiled('waited'), render }

  for (let i = 0; i < 3; i++) await renderer.render(1, waited, scope, [{}])

  assert.equal(renderer.isApart(1, compiled('waited')), false)
})

test('an e-mail that is long by its values is written apart', async () => {
  const content = { subject: 'S', body: '{{ x }}' }
  const email = compileTemplate({ channel: 'email', locale: 'default', version: 1, content })
  const long = { ...scope, params: { x: 'word '.repeat(4_000) } }

  const [result] = await renderer.render(1, email, long, [{}])

  assert.throws(() => email.render(long), { isLimit: true })
  assert.ok(result && 'content' in result && JSON.stringify(result.content).length > 20_000)
})
