// Links by identity: a dialog where a page and its section are found by some letters of the
// title, with the keyboard alone (WAI-ARIA, combobox with a list).
import { Link, updateAttrsDialog } from "django-prose-editor/editor"

const LINK = /^(?:(?:https?|mailto|tel|sida|roll|dokument|lag|kurs|indikator):|#|\/(?![\/\\]))/i
const SHOWN = 12

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

const targets = () =>
  [...document.querySelectorAll("#internal-links option")].map((option) => ({
    href: option.value,
    title: option.textContent,
  }))

const folded = (text) => text.toLocaleLowerCase("sv").trim()

// Every word has to be there; a title that begins with the first one stands first.
function matching(typed) {
  const words = folded(typed).split(/\s+/)
  const found = targets().filter(({ href, title }) =>
    words.every((word) => folded(`${title} ${href}`).includes(word)),
  )
  const late = ({ title }) => Number(!folded(title).startsWith(words[0]))
  return found.sort((one, other) => late(one) - late(other)).slice(0, SHOWN)
}

// What was typed or pasted as an address: the site's own pages by identity, others whole.
function addressOf(typed) {
  const text = typed.trim()
  if (text.startsWith(`${location.origin}/`)) {
    const { pathname, hash } = new URL(text)
    const page = `sida:${pathname.split("/").filter(Boolean).pop()}`
    const known = targets().find(({ href }) => href === page)
    return known ? page + hash : pathname + hash
  }
  if (/^[\w.+-]+@[\w-]+(?:\.[\w-]+)+$/.test(text)) return `mailto:${text}`
  return /^(?:[\w-]+\.)+[a-z]{2,}(?:[/?#]|$)/i.test(text) ? `https://${text}` : text
}

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
    const href = addressOf(values.href)
    const chain = editor.chain().focus().extendMarkRange("link")
    if (!href) return chain.unsetLink().run()
    if (!editor.state.selection.empty || before.href) return chain.setLink({ href }).run()
    // Nothing was marked: the title becomes the link's words.
    const known = targets().find((target) => target.href === href)
    const text = known ? known.title.split(": ").pop() : href.replace(/^(?:mailto|tel):/, "")
    const link = { type: "text", text, marks: [{ type: "link", attrs: { href } }] }
    editor.chain().focus().insertContent(link).run()
  })
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

  function tell() {
    const address = addressOf(input.value)
    const known = targets().find(({ href }) => href === address)
    const odd = address && !LINK.test(address)
    input.setCustomValidity(
      odd ? "Välj en sida i listan, eller skriv en adress som börjar med https://" : "",
    )
    if (known) told.textContent = `Leder till ${known.title}.`
    else if (!input.value) told.textContent = "Skriv några bokstäver ur rubriken, eller klistra in https://…"
    else if (odd) told.textContent = list.hidden ? "Ingen sida heter så." : "Välj med piltangenterna."
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
    input.value = row.dataset.href
    close()
    tell()
  }

  function show() {
    const found = folded(input.value).length > 1 ? matching(input.value) : []
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

  input.addEventListener("input", show)
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
}
