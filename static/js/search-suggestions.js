// Proposes titles and words while the reader writes in a search box. The form works without it:
// this only opens a list under the box (the pattern "combobox" with a list, as ARIA describes it).
// A title leads straight to its page; a word is searched for.
const WAIT = 150 // milliseconds without a key before the server is asked
const SHORTEST = 2

for (const form of document.querySelectorAll('form[data-suggestions]')) {
  const input = form.querySelector('input[type=search]')
  const list = document.createElement('ul')
  const status = document.createElement('p')
  const cache = new Map()
  let timer = null
  let asked = ''
  let active = -1

  list.id = `${input.id}-suggestions`
  list.className = 'suggestion-list'
  list.setAttribute('role', 'listbox')
  list.setAttribute('aria-label', 'Förslag')
  list.hidden = true
  status.className = 'visually-hidden'
  status.setAttribute('role', 'status')
  form.append(list, status)
  input.setAttribute('role', 'combobox')
  input.setAttribute('aria-autocomplete', 'list')
  input.setAttribute('aria-expanded', 'false')
  input.setAttribute('aria-controls', list.id)
  input.setAttribute('autocomplete', 'off')

  function close() {
    list.hidden = true
    active = -1
    input.setAttribute('aria-expanded', 'false')
    input.removeAttribute('aria-activedescendant')
  }

  function mark(place) {
    const options = [...list.children]
    active = place
    options.forEach((option, number) => option.setAttribute('aria-selected', String(number === active)))
    if (active < 0) {
      input.removeAttribute('aria-activedescendant')
      return
    }
    input.setAttribute('aria-activedescendant', options[active].id)
    options[active].scrollIntoView({ block: 'nearest' })
  }

  function show(suggestions) {
    list.replaceChildren(...suggestions.map((each, number) => {
      const option = document.createElement('li')
      option.id = `${list.id}-${number}`
      option.setAttribute('role', 'option')
      option.setAttribute('aria-selected', 'false')
      option.dataset.url = each.url
      option.textContent = each.text
      return option
    }))
    active = -1
    input.removeAttribute('aria-activedescendant')
    list.hidden = suggestions.length === 0
    input.setAttribute('aria-expanded', String(!list.hidden))
    status.textContent = list.hidden ? '' : `${suggestions.length} förslag, välj med pil ned.`
  }

  async function ask(text) {
    asked = text
    if (!cache.has(text)) {
      try {
        const response = await fetch(`${form.dataset.suggestions}?${new URLSearchParams({ q: text })}`, { credentials: 'omit' })
        if (!response.ok) return
        cache.set(text, (await response.json()).suggestions)
      } catch {
        return // without an answer the box is a plain one
      }
    }
    // An answer that comes after the reader has written on, or left, is not shown.
    if (asked === text && document.activeElement === input) show(cache.get(text))
  }

  function choose(option) {
    close()
    if (option.dataset.url) {
      location.assign(option.dataset.url)
      return
    }
    input.value = option.textContent
    form.requestSubmit()
  }

  input.addEventListener('input', () => {
    clearTimeout(timer)
    asked = ''
    const text = input.value.trim()
    if (text.length < SHORTEST) {
      close()
      return
    }
    timer = setTimeout(ask, WAIT, text)
  })

  input.addEventListener('keydown', (event) => {
    const count = list.children.length
    if (event.isComposing) return
    if (list.hidden) {
      if (event.key === 'ArrowDown' && input.value.trim().length >= SHORTEST) {
        event.preventDefault()
        ask(input.value.trim())
      }
      return
    }
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      // One step beyond either end is the box itself.
      const step = event.key === 'ArrowDown' ? 1 : -1
      mark(((active + 1 + step + count + 1) % (count + 1)) - 1)
    } else if (event.key === 'Enter' && active >= 0) {
      event.preventDefault()
      choose(list.children[active])
    } else if (event.key === 'Escape') {
      event.preventDefault()
      close()
    }
  })

  // The box keeps the focus while the pointer chooses.
  list.addEventListener('pointerdown', (event) => event.preventDefault())
  list.addEventListener('click', (event) => {
    const option = event.target.closest('[role=option]')
    if (option) choose(option)
  })
  input.addEventListener('blur', () => {
    clearTimeout(timer)
    asked = ''
    close()
  })
}
