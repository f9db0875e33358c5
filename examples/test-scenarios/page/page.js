// The page of the test tool. Belfry's part is in showInbox: two elements, and a way to a token.

const find = (id) => document.getElementById(id)

const session = await ask('GET', '/session')
if (session.user) await showApp(session)
else showWelcome(session)

function showWelcome({ users }) {
  find('welcome').hidden = false
  for (const { id, name } of users)
    find('users').append(button(name, `Sign in as ${name}`, () => signIn(id)))
}

async function signIn(user) {
  await ask('POST', '/session', { user })
  location.reload()
}

async function showApp({ user, belfry }) {
  find('account').hidden = false
  find('app').hidden = false
  find('user').textContent = user.name
  find('sign-out').onclick = async () => {
    await ask('DELETE', '/session')
    location.reload()
  }
  find('new').onsubmit = (event) => {
    event.preventDefault()
    const name = find('name').value
    void change('POST', '/scenarios', { name }).then((isDone) => isDone && event.target.reset())
  }
  await showScenarios()
  await showInbox(belfry)
}

async function showScenarios() {
  const scenarios = await ask('GET', '/scenarios')
  find('none').hidden = scenarios.length > 0
  const focused = document.activeElement?.id
  find('scenarios').replaceChildren(...scenarios.map(scenarioItem))
  find(focused)?.focus()
}

function scenarioItem({ id, name, created_by, created_at, executed_by, executed_at }) {
  const item = document.createElement('li')
  item.id = `scenario-${id}`
  const about = document.createElement('div')
  const title = document.createElement('strong')
  title.textContent = name
  const state = document.createElement('span')
  state.textContent = executed_at
    ? `Executed by ${executed_by}, ${timeOf(executed_at)}`
    : `Created by ${created_by}, ${timeOf(created_at)}`
  about.append(title, state)
  const path = `/scenarios/${id}`
  const execute = button('Execute', `Execute ${name}`, () => change('POST', `${path}/execute`))
  const remove = button('Delete', `Delete ${name}`, () => change('DELETE', path))
  execute.id = `execute-${id}`
  item.append(about, execute, remove)
  return item
}

/** Belfry may be away: the app goes on without it, and nobody misses what happens meanwhile. */
async function showInbox(belfry) {
  const { InboxClient } = await import(`${belfry}/embed/inbox.js`)
  const client = new InboxClient({
    url: belfry,
    getToken: async () => (await ask('POST', '/token')).token,
  })
  for (const element of document.querySelectorAll('belfry-bell, belfry-inbox'))
    element.client = client
  client.onArrival(() => void showScenarios()) // somebody else may have done it
  await showSubscriptions(client)
}

/** The same choices as in the settings of the inbox, where everybody sees them. */
async function showSubscriptions(client) {
  const { subscriptions } = await client.getPreferences()
  for (const kind of ['created', 'executed', 'deleted']) {
    const { event_type, title, is_on } = subscriptions.find(
      ({ event_type }) => event_type === `test_scenario.${kind}`,
    )
    const label = document.createElement('label')
    const box = document.createElement('input')
    box.type = 'checkbox'
    box.checked = is_on
    box.onchange = () =>
      client.changePreferences({ subscriptions: { [event_type]: box.checked } }).catch((error) => {
        box.checked = !box.checked
        find('problem').textContent = error.message
      })
    addEventListener('belfry-preferences', ({ detail }) => {
      box.checked = detail.subscriptions.find((one) => one.event_type === event_type).is_on
    })
    label.append(box, title[0].toLowerCase() + title.slice(1))
    find('subscriptions').append(label)
  }
  find('subscriptions').hidden = false
}

/** Whether it was done. The page shows how things are afterwards. */
async function change(method, path, body) {
  try {
    find('problem').textContent = ''
    await ask(method, path, body)
    return true
  } catch (error) {
    find('problem').textContent = error.message
    return false
  } finally {
    await showScenarios()
  }
}

async function ask(method, path, body) {
  const response = await fetch(path, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const answer = text && JSON.parse(text)
  if (!response.ok) throw new Error(answer.error)
  return answer
}

function button(text, label, onclick) {
  const made = document.createElement('button')
  made.type = 'button'
  made.textContent = text
  made.setAttribute('aria-label', label)
  made.onclick = onclick
  return made
}

function timeOf(moment) {
  return new Date(moment).toLocaleString([], { dateStyle: 'medium', timeStyle: 'medium' })
}
