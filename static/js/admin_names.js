// Select2 gives its boxes no name of their own: the field's label is lent to them.

function lendNames(root) {
  for (const select of root.querySelectorAll("select.admin-autocomplete")) {
    const label = document.querySelector(`label[for="${select.id}"]`);
    const box = select.nextElementSibling;
    if (!label || !box?.classList.contains("select2-container")) continue;
    const name = label.textContent.trim().replace(/:$/, "");
    const selection = box.querySelector(".select2-selection");
    const value = box.querySelector(".select2-selection__rendered");
    label.id ||= `${select.id}-label`;
    selection?.setAttribute("aria-labelledby", `${label.id} ${value?.id ?? ""}`.trim());
    value?.setAttribute("aria-label", value.title ? `${name}: ${value.title}` : name);
  }
}

window.addEventListener("load", () => lendNames(document));
document.addEventListener("formset:added", (event) => lendNames(event.target));
document.addEventListener("change", () => setTimeout(() => lendNames(document)));
