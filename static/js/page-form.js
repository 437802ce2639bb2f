// The page form: says and warns when changes are not saved, and adds, orders and removes steps.
(() => {
  const form = document.querySelector("form[data-page-form]")
  if (!form) return
  const state = form.querySelector("[data-save-state]")
  let changed = false

  function setChanged() {
    changed = true
    if (state) state.textContent = "Du har ändringar som inte är sparade."
  }

  // The editing boxes tell of changes of their own while they start; only a person's count.
  const isPersons = ({ isTrusted, target }) =>
    isTrusted || target.closest(".prose-editor")?.contains(document.activeElement)
  for (const name of ["input", "change"]) {
    form.addEventListener(name, (event) => isPersons(event) && setChanged())
  }
  form.addEventListener("submit", () => (changed = false))
  window.addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault()
  })
  document.addEventListener("keydown", (event) => {
    const save = form.querySelector(".page-bar input.default")
    if (!save || event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    form.requestSubmit(save)
  })
  if (form.hasAttribute("data-unsaved")) {
    setChanged()
    const wrong = form.querySelector(".page-field.errors")
    wrong?.querySelector("input:not([type=hidden]), textarea, select, [contenteditable]")?.focus()
  }

  // A new page, whose address name is not set yet: it and the menu's title follow the heading.
  const { slug, nav_title: menuTitle, "text-title": heading } = form.elements
  if (slug && heading) {
    heading.addEventListener("change", () => {
      const letters = heading.value.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "")
      slug.value ||= letters.match(/[a-z0-9]+/g)?.join("-").slice(0, 50).replace(/-$/, "") ?? ""
      menuTitle.value ||= heading.value.trim().slice(0, menuTitle.maxLength)
    })
  }

  const add = form.querySelector("[data-add-step]")
  if (!add) return
  const told = form.querySelector("[data-step-told]")
  const steps = () => [...form.querySelectorAll("[data-step]")]
  const field = (step, name) => step.querySelector(`[name^="steg-"][name$="-${name}"]`)
  const titleOf = (step) => field(step, "title").value.trim() || "Nytt steg"

  function number() {
    steps().forEach((step, at, all) => {
      const summary = step.querySelector("summary")
      summary.lastChild.textContent = titleOf(step)
      summary.firstElementChild.textContent = `${at + 1}. `
      step.querySelector("[data-up]").disabled = at === 0
      step.querySelector("[data-down]").disabled = at === all.length - 1
    })
  }

  function move(step, by) {
    const other = steps()[steps().indexOf(step) + by]
    if (!other) return
    by < 0 ? other.before(step) : other.after(step)
    steps().forEach((each, at) => (field(each, "position").value = at + 1))
    number()
    const [one, two] = by < 0 ? ["[data-up]", "[data-down]"] : ["[data-down]", "[data-up]"]
    const button = step.querySelector(one)
    ;(button.disabled ? step.querySelector(two) : button).focus()
    told.textContent = `${titleOf(step)} är nu steg ${steps().indexOf(step) + 1} av ${steps().length}.`
    setChanged()
  }

  function toggleRemoved(step, button) {
    const box = field(step, "DELETE")
    box.checked = !box.checked
    step.classList.toggle("removed", box.checked)
    button.textContent = box.checked ? "Ångra" : "Ta bort"
    name(button, step)
    told.textContent = box.checked
      ? `${titleOf(step)} tas bort när du sparar.`
      : `${titleOf(step)} blir kvar.`
    setChanged()
  }

  const name = (button, step) =>
    button.setAttribute("aria-label", `${button.textContent}: ${titleOf(step)}`)

  function makeTools(step) {
    const tools = document.createElement("div")
    tools.className = "page-step-tools"
    const choices = [
      ["Flytta upp", "up", () => move(step, -1)],
      ["Flytta ner", "down", () => move(step, 1)],
      ["Ta bort", "remove", (button) => toggleRemoved(step, button)],
    ]
    for (const [word, kind, run] of choices) {
      const button = document.createElement("button")
      button.type = "button"
      button.textContent = word
      button.dataset[kind] = ""
      name(button, step)
      button.addEventListener("click", () => run(button))
      tools.append(button)
    }
    step.prepend(tools)
    field(step, "title").addEventListener("input", () => {
      number()
      for (const button of tools.children) name(button, step)
    })
    if (field(step, "DELETE").checked) step.classList.add("removed")
  }

  add.hidden = false
  form.classList.add("with-script")
  for (const step of steps()) makeTools(step)
  number()

  add.addEventListener("click", () => {
    const total = form.querySelector("[name=steg-TOTAL_FORMS]")
    const template = document.getElementById("empty-step")
    const holder = document.createElement("div")
    holder.innerHTML = template.innerHTML.replaceAll("__prefix__", total.value)
    const step = holder.firstElementChild
    const last = Math.max(0, ...steps().map((each) => Number(field(each, "position").value)))
    total.value = Number(total.value) + 1
    told.before(step)
    field(step, "position").value = last + 1
    makeTools(step)
    number()
    setChanged()
    // What the editing box listens for.
    window.django?.jQuery?.(step).trigger("formset:added")
    field(step, "title").focus()
  })
})()
