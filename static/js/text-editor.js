// What the portal adds to the editing box: Swedish buttons, headings that keep their ids,
// table captions, links by identity, and clean text from Word.
import { Extension, Link, Plugin, Table, updateAttrsDialog } from "django-prose-editor/editor"

const LINK = /^(?:(?:https?|mailto|tel|sida|roll|dokument|lag|kurs|indikator):|[#/])/i

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

// A caption is text on the table, since a table may only hold rows here; the server makes
// it an element again (portal/richtext/editor.py).
export const PortalTable = Table.extend({
  name: "table",
  addAttributes() {
    return {
      ...this.parent?.(),
      caption: {
        default: null,
        parseHTML: (table) =>
          table.querySelector(":scope > caption")?.textContent.trim() ||
          table.getAttribute("data-caption"),
        renderHTML: ({ caption }) => (caption ? { "data-caption": caption } : {}),
      },
    }
  },
  parseHTML: () => [{ tag: "table" }, { tag: "caption", ignore: true }],
  addMenuItems: null,
})

const attribute = (name) => ({
  default: null,
  keepOnSplit: false,
  parseHTML: (element) => element.getAttribute(name),
  renderHTML: (attributes) => (attributes[name] ? { [name]: attributes[name] } : {}),
})

const kind = (tag, allowed) => ({
  default: null,
  keepOnSplit: false,
  parseHTML: (element) => allowed.find((name) => element.classList.contains(name)) || null,
  renderHTML: (attributes) => (attributes.class ? { class: attributes.class } : {}),
})

function linkDialog(editor) {
  const dialog = updateAttrsDialog(
    {
      href: {
        type: "string",
        title: "Adress",
        description: "Skriv några bokstäver och välj sida och avsnitt, eller klistra in https://…",
      },
    },
    { title: "Länk", submitText: "Spara länken" },
  )(editor, editor.getAttributes("link"))
  const input = editor.view.dom.parentElement.querySelector("dialog input[name=href]")
  input?.setAttribute("list", "internal-links")
  dialog.then((answer) => {
    if (!answer) return
    const chain = editor.chain().focus().extendMarkRange("link")
    answer.href.trim() ? chain.setLink({ href: answer.href.trim() }).run() : chain.unsetLink().run()
  })
}

function captionDialog(editor) {
  updateAttrsDialog(
    { caption: { type: "string", title: "Tabellens rubrik" } },
    { title: "Tabellens rubrik", submitText: "Spara rubriken" },
  )(editor, editor.getAttributes("table")).then((answer) => {
    if (answer) {
      const caption = answer.caption.trim() || null
      editor.chain().focus().updateAttributes("table", { caption }).run()
    }
  })
}

function box(editor, name) {
  const inside = editor.isActive("blockquote")
  if (inside && editor.getAttributes("blockquote").class === name) {
    editor.chain().focus().lift("blockquote").run()
  } else {
    const chain = inside ? editor.chain().focus() : editor.chain().focus().wrapIn("blockquote")
    chain.updateAttributes("blockquote", { class: name }).run()
  }
}

function list(editor, name) {
  const inside = editor.isActive("bulletList")
  if (inside && editor.getAttributes("bulletList").class === name) {
    editor.chain().focus().toggleBulletList().run()
  } else {
    const chain = inside ? editor.chain().focus() : editor.chain().focus().toggleBulletList()
    chain.updateAttributes("bulletList", { class: name }).run()
  }
}

const inTable = (editor) => editor.isActive("table")
const command = (run) => (editor) => run(editor.chain().focus()).run()

// [group, name, word on the button, what it does, is it on, may it be used]
const BUTTONS = [
  ...[2, 3, 4].map((level) => [
    "headings",
    `heading${level}`,
    `Rubrik ${level}`,
    command((chain) => chain.toggleHeading({ level })),
    (editor) => editor.isActive("heading", { level }),
  ]),
  ["headings", "paragraph", "Stycke", command((chain) => chain.setParagraph()),
    (editor) => editor.isActive("paragraph")],
  ["marks", "bold", "Fet", command((chain) => chain.toggleBold()), (e) => e.isActive("bold")],
  ["marks", "italic", "Kursiv", command((chain) => chain.toggleItalic()), (e) => e.isActive("italic")],
  ["lists", "bulletList", "Punktlista", (editor) => list(editor, null),
    (e) => e.isActive("bulletList") && !e.getAttributes("bulletList").class],
  ["lists", "orderedList", "Numrerad lista", command((chain) => chain.toggleOrderedList()),
    (e) => e.isActive("orderedList")],
  ["lists", "checklista", "Checklista", (editor) => list(editor, "checklista"),
    (e) => e.getAttributes("bulletList").class === "checklista"],
  ["lists", "fakta", "Faktarad", (editor) => list(editor, "fakta"),
    (e) => e.getAttributes("bulletList").class === "fakta"],
  ["boxes", "viktigt", "Viktigt", (editor) => box(editor, "viktigt"),
    (e) => e.getAttributes("blockquote").class === "viktigt"],
  ["boxes", "tips", "Tips", (editor) => box(editor, "tips"),
    (e) => e.getAttributes("blockquote").class === "tips"],
  ["boxes", "fras", "Formulering", (editor) => box(editor, "fras"),
    (e) => e.getAttributes("blockquote").class === "fras"],
  ["boxes", "blockquote", "Citat", (editor) => box(editor, null),
    (e) => e.isActive("blockquote") && !e.getAttributes("blockquote").class],
  ["links", "link", "Länk", linkDialog, (e) => e.isActive("link"),
    (e) => !e.state.selection.empty || e.isActive("link")],
  ["links", "unlink", "Ta bort länk", command((chain) => chain.extendMarkRange("link").unsetLink()),
    null, (e) => e.isActive("link")],
  ["tables", "table", "Tabell",
    command((chain) => chain.insertTable({ rows: 3, cols: 3, withHeaderRow: true })),
    inTable, (e) => !inTable(e)],
  ["tables", "caption", "Tabellens rubrik", captionDialog, null, inTable],
  ["tables", "rowAfter", "Ny rad", command((chain) => chain.addRowAfter()), null, inTable],
  ["tables", "columnAfter", "Ny kolumn", command((chain) => chain.addColumnAfter()), null, inTable],
  ["tables", "headerCell", "Rubrikcell", command((chain) => chain.toggleHeaderCell()),
    (e) => e.isActive("tableHeader"), inTable],
  ["tables", "deleteRow", "Ta bort rad", command((chain) => chain.deleteRow()), null, inTable],
  ["tables", "deleteColumn", "Ta bort kolumn", command((chain) => chain.deleteColumn()), null, inTable],
  ["tables", "deleteTable", "Ta bort tabell", command((chain) => chain.deleteTable()), null, inTable],
  ["history", "undo", "Ångra", command((chain) => chain.undo()), null, (e) => e.can().undo()],
  ["history", "redo", "Gör om", command((chain) => chain.redo()), null, (e) => e.can().redo()],
]

// Word marks a list item as a paragraph with a bullet of its own; h1 is the page's title.
export function cleanPaste(html) {
  const page = new DOMParser().parseFromString(html, "text/html")
  for (const heading of page.querySelectorAll("h1")) {
    const lower = page.createElement("h2")
    lower.append(...heading.childNodes)
    heading.replaceWith(lower)
  }
  for (const wrapper of page.querySelectorAll('b[id^="docs-internal-guid"]')) {
    wrapper.replaceWith(...wrapper.childNodes)
  }
  for (const item of page.querySelectorAll('p[style*="mso-list"]')) {
    const style = item.getAttribute("style")
    if (!/mso-list:\s*\w+ level\d/.test(style)) continue
    const marker = item.querySelector('[style*="mso-list:Ignore"], [style*="mso-list: Ignore"]')
    const tag = /^\s*(?:\d+|[a-z])[.)]/i.test(marker?.textContent || "") ? "ol" : "ul"
    const level = Number(style.match(/level(\d)/)[1])
    marker?.remove()
    const row = page.createElement("li")
    row.append(...item.childNodes)
    let target = item.previousElementSibling
    if (!target?.dataset.pasted) {
      target = page.createElement(tag)
      target.dataset.pasted = tag
      item.before(target)
    }
    for (let depth = 1; depth < level && target.lastElementChild; depth++) {
      let inner = target.lastElementChild.querySelector(":scope > ul, :scope > ol")
      if (!inner) target.lastElementChild.append((inner = page.createElement(tag)))
      target = inner
    }
    target.append(row)
    item.remove()
  }
  return page.body.innerHTML
}

export const PortalText = Extension.create({
  name: "portalText",

  addGlobalAttributes: () => [
    { types: ["heading"], attributes: { id: attribute("id") } },
    { types: ["tableHeader"], attributes: { scope: attribute("scope") } },
    {
      types: ["paragraph", "listItem", "blockquote", "bold", "italic"],
      attributes: { lang: attribute("lang") },
    },
    { types: ["blockquote"], attributes: { class: kind("blockquote", ["viktigt", "tips", "fras"]) } },
    { types: ["bulletList"], attributes: { class: kind("ul", ["fakta", "checklista"]) } },
  ],

  addMenuItems({ menu, buttons }) {
    let priority = 1000
    for (const [group, name, word, run, active, enabled] of BUTTONS) {
      const button = buttons.text(word)
      menu.defineItem({
        name: `portal-${name}`,
        groups: `portal-${group}`,
        priority: priority--,
        button,
        command: run,
        active: active || (() => false),
        enabled: enabled || (() => true),
        update(editor) {
          if (active) button.setAttribute("aria-pressed", String(!!active(editor)))
          button.setAttribute("aria-disabled", String(enabled ? !enabled(editor) : false))
        },
      })
    }
  },

  addProseMirrorPlugins: () => [new Plugin({ props: { transformPastedHTML: cleanPaste } })],

  onCreate({ editor }) {
    const place = editor.view.dom.closest(".prose-editor")
    const textarea = place?.querySelector(":scope > textarea")
    const label = textarea && document.querySelector(`label[for="${textarea.id}"]`)
    const name = label?.textContent.replace(/:\s*$/, "").trim() || "Text"
    editor.view.dom.setAttribute("role", "textbox")
    editor.view.dom.setAttribute("aria-multiline", "true")
    editor.view.dom.setAttribute("aria-label", name)
    label?.addEventListener("click", () => editor.commands.focus())
    // The menu is made when all extensions are created.
    queueMicrotask(() => setTimeout(() => makeToolbar(place, name)))
  },
})

// One tab stop; the arrow keys move between the buttons (WAI-ARIA, toolbar).
function makeToolbar(place, name) {
  const bar = place?.querySelector(".prose-menubar")
  if (!bar) return
  bar.setAttribute("role", "toolbar")
  bar.setAttribute("aria-label", `Format: ${name}`)
  const buttons = [...bar.querySelectorAll("button")]
  buttons.forEach((button, position) => {
    button.tabIndex = position ? -1 : 0
  })
  bar.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(document.activeElement)
    const last = buttons.length - 1
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: last }[event.key]
    if (at < 0 || to === undefined) return
    event.preventDefault()
    const next = buttons[(to + buttons.length) % buttons.length]
    for (const button of buttons) button.tabIndex = button === next ? 0 : -1
    next.focus()
  })
}
