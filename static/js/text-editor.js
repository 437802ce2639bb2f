// What the portal adds to the editing box: Swedish buttons, headings that keep their ids and
// table captions. Links are in text-links.js, clean text from Word in text-paste.js.
import { Extension, Table, updateAttrsDialog } from "django-prose-editor/editor"

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
  ["links", "link", "Länk", (editor) => editor.commands.addLink(), (e) => e.isActive("link")],
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
        // What changes a table is in the way until there is one.
        hidden: (editor) => group === "tables" && name !== "table" && !inTable(editor),
        update(editor) {
          if (active) button.setAttribute("aria-pressed", String(!!active(editor)))
          button.setAttribute("aria-disabled", String(enabled ? !enabled(editor) : false))
        },
      })
    }
  },

  // Its style element would be refused by the policy; css/page-admin.css has the rules.
  onBeforeCreate({ editor }) {
    editor.options.injectCSS = false
  },

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
    queueMicrotask(() => setTimeout(() => makeToolbar(editor, place, name)))
  },
})

// One tab stop; the arrow keys move between the buttons (WAI-ARIA, toolbar) and Escape goes
// back to the text.
function makeToolbar(editor, place, name) {
  const bar = place?.querySelector(".prose-menubar")
  if (!bar) return
  bar.setAttribute("role", "toolbar")
  bar.setAttribute("aria-label", `Format: ${name}`)
  const buttons = [...bar.querySelectorAll("button")]
  const stop = (chosen) => {
    for (const button of buttons) button.tabIndex = button === chosen ? 0 : -1
  }
  stop(buttons[0])
  bar.addEventListener("focusin", (event) => stop(event.target))
  // A button that goes out of sight takes the tab stop with it.
  editor.on("transaction", () => {
    if (buttons.find((button) => !button.tabIndex).classList.contains("hidden")) stop(buttons[0])
  })
  bar.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return editor.commands.focus()
    const shown = buttons.filter((button) => !button.classList.contains("hidden"))
    const at = shown.indexOf(document.activeElement)
    const last = shown.length - 1
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: last }[event.key]
    if (at < 0 || to === undefined) return
    event.preventDefault()
    shown[(to + shown.length) % shown.length].focus()
  })
}
