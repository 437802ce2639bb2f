// The page form: warns before unsaved changes are lost, and adds steps.
(() => {
  const form = document.querySelector("form[data-page-form]")
  if (!form) return
  let changed = form.hasAttribute("data-unsaved")
  let ready = false
  // The editing boxes announce themselves while they start; only a person's changes count.
  window.addEventListener("load", () => setTimeout(() => (ready = true), 300))
  for (const event of ["input", "change"]) {
    form.addEventListener(event, () => (changed = changed || ready))
  }
  form.addEventListener("submit", () => (changed = false))
  window.addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault()
  })

  const add = form.querySelector("[data-add-step]")
  add?.addEventListener("click", () => {
    const total = form.querySelector("[name=steg-TOTAL_FORMS]")
    const template = document.getElementById("empty-step")
    const holder = document.createElement("div")
    holder.innerHTML = template.innerHTML.replaceAll("__prefix__", total.value)
    const step = holder.firstElementChild
    total.value = Number(total.value) + 1
    add.before(step)
    const place = step.querySelector("[name$=-position]")
    if (place) place.value = Number(total.value) * 10
    changed = true
    // What the editing box listens for.
    window.django?.jQuery?.(step).trigger("formset:added")
    step.querySelector("input:not([type=hidden])")?.focus()
  })
})()
