// Links by identity: a dialog where a page and its section are found by some letters of the
// title, with the keyboard alone (WAI-ARIA, combobox with a list).
import { Link, updateAttrsDialog } from "django-prose-editor/editor"

const LINK = /^(?:(?:https?|mailto|tel|sida|roll|dokument|lag|kurs|indikator):|#|\/(?![\/\\]))/i
const WAIT = 120 // milliseconds without a key before the server is asked

export const PortalLink = Link.extend({
  name: "link",
  addOptions() {
    return {
      ...this.parent?.(),
      autolink: false,
      enableTarget: false,
      protocols: [],
      isAllowedUri: (url) => LINK.test(url),
      HTMLAttributes: { target: null, rel: null, class: null },
    }
  },
  addMenuItems: null,
  // The box's own dialog has a field for a title, which texts do not have.
  addCommands() {
    return { ...this.parent?.(), addLink: () => ({ editor }) => (linkDialog(editor), true) }
  },
})

// What the server has found so far: the titles of pages and sections, by address.
const titles = new Map()

// Pages and sections whose titles have all the words, or none while the server does not answer.
async function matching(typed) {
  const { linkTargets } = document.querySelector("form[data-link-targets]").dataset
  try {
    const answer = await fetch(`${linkTargets}?${new URLSearchParams({ q: typed })}`)
    const { targets } = answer.ok ? await answer.json() : { targets: [] }
    for (const { href, title } of targets) titles.set(href, title)
    return targets
  } catch {
    return []
  }
}

// The identity of a page of this site whose address was typed or pasted, or nothing.
function ownPage(text) {
  if (!text.startsWith(`${location.origin}/`)) return ""
  const { pathname, hash } = new URL(text)
  return `sida:${pathname.split("/").filter(Boolean).pop()}${hash}`
}

// The server is asked of an address, so that its title is known.
async function learn(typed) {
  const address = ownPage(typed.trim()) || typed.trim()
  const [page] = address.split("#")
  if (!page.startsWith("sida:")) return
  if (!titles.has(page)) await matching(page)
  if (!titles.has(address)) await matching(address)
}

// What was typed or pasted as an address: the site's own pages by identity, others whole.
function addressOf(typed) {
  const text = typed.trim()
  const own = ownPage(text)
  if (own) return titles.has(own.split("#")[0]) ? own : text.slice(location.origin.length)
  if (/^[\w.+-]+@[\w-]+(?:\.[\w-]+)+$/.test(text)) return `mailto:${text}`
  return /^(?:[\w-]+\.)+[a-z]{2,}(?:[/?#]|$)/i.test(text) ? `https://${text}` : text
}

// A page that is saved meanwhile waits for its link.
let unfinished = null

addEventListener(
  "submit",
  (event) => {
    if (!unfinished) return
    event.preventDefault()
    event.stopPropagation()
    const { target, submitter } = event
    unfinished.finally(() => target.requestSubmit(submitter))
  },
  { capture: true },
)

function linkDialog(editor) {
  const before = editor.getAttributes("link")
  const answer = updateAttrsDialog(
    { href: { type: "string", title: "Sida eller adress" } },
    { title: "Länk", submitText: "Spara länken" },
  )(editor, before)
  const dialog = editor.view.dom.parentElement.querySelector("dialog")
  dialog.setAttribute("aria-label", "Länk")
  makeCombobox(dialog.querySelector("input"))
  answer.then((values) => {
    if (!values) return editor.commands.focus()
    unfinished = learn(values.href).then(() => {
      unfinished = null
      setLink(editor, before, values)
    })
  })
}

function setLink(editor, before, values) {
  const href = addressOf(values.href)
  const chain = editor.chain().focus().extendMarkRange("link")
  if (!href) return chain.unsetLink().run()
  if (!editor.state.selection.empty || before.href) return chain.setLink({ href }).run()
  // Nothing was marked: the title becomes the link's words.
  const known = titles.get(href)
  const text = known ? known.split(": ").pop() : href.replace(/^(?:mailto|tel):/, "")
  const link = { type: "text", text, marks: [{ type: "link", attrs: { href } }] }
  editor.chain().focus().insertContent(link).run()
}

function make(tag, attributes) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  return element
}

function makeCombobox(input) {
  const list = make("ul", { id: "link-choices", role: "listbox", "aria-label": "Sidor och avsnitt" })
  const told = make("p", { id: "link-told", role: "status", class: "link-told" })
  list.hidden = true
  input.after(list, told)
  input.autocomplete = "off"
  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-controls": list.id,
    "aria-expanded": "false",
    "aria-describedby": told.id,
  }))
    input.setAttribute(name, value)
  let at = -1
  let timer = null
  let isAsking = false

  function tell() {
    const address = addressOf(input.value)
    const known = titles.get(address)
    const odd = address && !LINK.test(address)
    input.setCustomValidity(
      odd ? "Välj en sida i listan, eller skriv en adress som börjar med https://" : "",
    )
    if (known) told.textContent = `Leder till ${known}.`
    else if (!input.value) told.textContent = "Skriv några bokstäver ur rubriken, eller klistra in https://…"
    else if (odd) told.textContent = isAsking ? "Söker …" : list.hidden ? "Ingen sida heter så." : "Välj med piltangenterna."
    else told.textContent = `Leder till ${address}.`
  }

  function mark(next) {
    at = next
    const rows = [...list.children]
    rows.forEach((row, number) => row.setAttribute("aria-selected", String(number === at)))
    rows[at]?.scrollIntoView({ block: "nearest" })
    if (rows[at]) input.setAttribute("aria-activedescendant", rows[at].id)
    else input.removeAttribute("aria-activedescendant")
  }

  function close() {
    list.hidden = true
    input.setAttribute("aria-expanded", "false")
    mark(-1)
  }

  function choose(row) {
    clearTimeout(timer)
    isAsking = false
    input.value = row.dataset.href
    close()
    tell()
  }

  async function find() {
    const typed = input.value
    await learn(typed)
    const found = typed.trim().length > 1 ? await matching(typed) : []
    // Only the answer to what stands there now.
    if (typed !== input.value) return
    isAsking = false
    show(document.activeElement === input ? found : [])
  }

  function show(found) {
    list.replaceChildren(
      ...found.map(({ href, title }, number) => {
        const row = make("li", { id: `link-choice-${number}`, role: "option", "data-href": href })
        row.textContent = title
        return row
      }),
    )
    list.hidden = !found.length
    input.setAttribute("aria-expanded", String(!!found.length))
    mark(-1)
    tell()
  }

  input.addEventListener("input", () => {
    clearTimeout(timer)
    timer = setTimeout(find, WAIT)
    isAsking = true
    tell()
  })
  // Before the field loses focus, or the list would be gone.
  list.addEventListener("mousedown", (event) => {
    event.preventDefault()
    const row = event.target.closest("li")
    if (row) choose(row)
  })
  input.addEventListener("keydown", (event) => {
    const last = list.children.length - 1
    if (list.hidden) return
    if (event.key === "ArrowDown") mark(at < last ? at + 1 : 0)
    else if (event.key === "ArrowUp") mark(at > 0 ? at - 1 : last)
    else if (event.key === "Enter" && at >= 0) choose(list.children[at])
    else if (event.key === "Escape") close()
    else return
    event.preventDefault()
  })
  input.addEventListener("blur", close)
  tell()
  learn(input.value).then(tell)
}
