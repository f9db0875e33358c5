import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError, loadConfig, settings } from './config.ts'

const secret = 'a secret with thirty-two characters'

function problemsOf(env: Record<string, string>): string[] {
  try {
    loadConfig({}, env)
    return []
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.problems
  }
}

test('without any settings the defaults hold, and other programs’ variables are ignored', () => {
  const config = loadConfig({}, { PATH: '/bin', PGHOST: 'db', BELFRY_TEST_CLUSTER: '{}' })

  assert.deepEqual(config, {
    host: '127.0.0.1',
    port: 4e3,
    publicUrl: null,
    databaseUrl: null,
    dataDir: '.belfry',
    apiKey: null,
    secret: null,
    env: 'development',
    allowPrivateAddresses: [],
    metricsPort: null,
    retry: null,
    retention: '72h',
    eventRetention: '30d',
    quietStart: '08:00',
    quietEnd: '22:00',
    preferenceLogRetention: '730d',
    catalog: null,
    logLevel: 'info',
  })
})

test('settings are read from the environment, an empty one is none, and what is given goes first', () => {
  const env = {
    BELFRY_PORT: '0',
    BELFRY_HOST: '',
    BELFRY_METRICS_PORT: '9100',
    BELFRY_LOG_LEVEL: 'debug',
    BELFRY_ALLOW_PRIVATE_ADDRESSES: ' 10.0.0.0/8, db.local ,,',
  }

  const { port, host, metricsPort, logLevel, allowPrivateAddresses } = loadConfig(
    { port: 8080 },
    env,
  )

  assert.deepEqual([port, host, metricsPort, logLevel], [8080, '127.0.0.1', 9100, 'debug'])
  assert.deepEqual(allowPrivateAddresses, ['10.0.0.0/8', 'db.local'])
})

test('every problem is named at once', () => {
  const problems = problemsOf({
    BELFRY_PORT: '70000',
    BELFRY_LOG_LEVEL: 'loud',
    BELFRY_ENV: 'prod',
    BELFRY_API_KEY: 'bf_sk_short',
    BELFRY_SECRET: 'short',
    BELFRY_HOTS: 'x',
  })

  const names = ['HOTS', 'API_KEY', 'SECRET', 'ENV', 'PORT', 'LOG_LEVEL'].map(
    (name) => `BELFRY_${name}`,
  )
  assert.deepEqual(new Set(problems.map((problem) => problem.split(' ')[0])), new Set(names))
})

const unknown: [string, string][] = [
  ['BELFRY_PROT', 'BELFRY_PORT'],
  ['BELFRY_DATABASEURL', 'BELFRY_DATABASE_URL'],
  ['BELFRY_LOGLEVEL', 'BELFRY_LOG_LEVEL'],
  ['BELFRY_port', 'BELFRY_PORT'],
]
for (const [name, nearest] of unknown) {
  test(`a name that is not a setting is refused with the nearest one: ${name}`, () => {
    const problems = problemsOf({ [name]: 'hunter2' })

    assert.deepEqual(problems, [`${name} is not a setting. Did you mean ${nearest}?`])
  })
}

const refused: [string, string, RegExp][] = [
  ['BELFRY_PORT', '-1', /must be a port.*"-1"/],
  ['BELFRY_PORT', '65536', /must be a port/],
  ['BELFRY_PORT', '4000.5', /must be a port/],
  ['BELFRY_PORT', '0x10', /must be a port/],
  ['BELFRY_METRICS_PORT', 'nine', /must be a port/],
  ['BELFRY_ENV', 'Production', /must be one of development, production/],
  ['BELFRY_RETENTION', '3 days', /must be a duration/],
  ['BELFRY_EVENT_RETENTION', '0d', /must be a duration/],
  ['BELFRY_LOG_LEVEL', 'warning', /must be one of fatal, error, warn/],
]
for (const [name, value, expected] of refused) {
  test(`a value is refused: ${name}=${value}`, () => {
    const problems = problemsOf({ [name]: value })

    assert.equal(problems.length, 1)
    assert.match(problems[0]!, expected)
  })
}

const secrets: [string, string][] = [
  ['BELFRY_DATABASE_URL', 'mysql://user:hunter2@db/app'],
  ['BELFRY_API_KEY', 'bf_sk_hunter2'],
  ['BELFRY_SECRET', 'hunter2'],
]
for (const [name, value] of secrets) {
  test(`a secret that is refused is not echoed: ${name}`, () => {
    const problems = problemsOf({ [name]: value, BELFRY_SECRETS: 'hunter2' })

    assert.equal(problems.length, 2)
    assert.doesNotMatch(problems.join(), /hunter2/)
  })
}

test('every setting that holds a credential is marked as a secret', () => {
  const marked = Object.values(settings).filter(({ isSecret }) => isSecret)

  assert.deepEqual(marked.map(({ env }) => env).toSorted(), [
    'BELFRY_API_KEY',
    'BELFRY_DATABASE_URL',
    'BELFRY_SECRET',
  ])
})

test('a database of its own needs the secret of all processes', () => {
  const env = { BELFRY_DATABASE_URL: 'postgres://localhost/app' }

  assert.match(problemsOf(env).join(), /^BELFRY_SECRET is needed with BELFRY_DATABASE_URL/)
  assert.deepEqual(problemsOf({ ...env, BELFRY_SECRET: secret }), [])
})

test('a key may be given that exists from the start', () => {
  assert.deepEqual(problemsOf({ BELFRY_API_KEY: `bf_sk_${'a'.repeat(32)}` }), [])
})

const publicUrls: [given: string, url: string | null][] = [
  ['https://notify.example.com', 'https://notify.example.com'],
  ['https://example.com/belfry/', 'https://example.com/belfry'],
  ['http://localhost:4000/', 'http://localhost:4000'],
  ['notify.example.com', null],
  ['ftp://example.com', null],
  ['https://example.com/?a=b', null],
  ['https://me@example.com', null],
]

for (const [given, url] of publicUrls)
  test(`${given} is ${url === null ? 'no address' : 'an address'} people can reach this server at`, () => {
    const env = { BELFRY_PUBLIC_URL: given }

    if (url === null) assert.match(problemsOf(env).join(), /BELFRY_PUBLIC_URL must be an address/)
    else assert.equal(loadConfig({}, env).publicUrl, url)
  })

test('each channel may be tried again in its own way', () => {
  const { retry } = loadConfig({}, { BELFRY_RETRY: 'email=3x30s, webhook=20x1m' })

  assert.deepEqual(retry, {
    email: { attempts: 3, delay: '30s', backoff: 'exponential' },
    webhook: { attempts: 20, delay: '1m', backoff: 'exponential' },
  })
  for (const text of [
    'email',
    'email=0x10s',
    'email=21x10s',
    'post=3x10s',
    'in_app=3x10s',
    'email=3x10',
  ])
    assert.throws(
      () => loadConfig({}, { BELFRY_RETRY: text }),
      /BELFRY_RETRY must be channels with/,
    )
})
