// Select2 gives its boxes no names of their own: the field's label is lent to them. It draws
// them at a moment of its own, and anew at each choice, so the page is watched.

function lendNames() {
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const label = document.querySelector(`label[for="${select.id}"]`);
    const box = select.nextElementSibling;
    if (!label || !box?.classList.contains("select2-container")) continue;
    const name = label.textContent.trim().replace(/:$/, "");
    if (select.multiple) nameMany(box, name);
    else nameOne(box, name);
  }
  nameSearch();
}

function nameOne(box, name) {
  const value = box.querySelector(".select2-selection__rendered");
  const told = value?.title ? `${name}: ${value.title}` : name;
  value?.setAttribute("aria-label", told);
  const selection = box.querySelector(".select2-selection");
  selection?.removeAttribute("aria-labelledby");
  selection?.setAttribute("aria-label", told);
  const list = selection?.getAttribute("aria-owns");
  if (list) selection.setAttribute("aria-controls", list);
}

// The chosen rows are drawn as a list with a button among its items, which no list may have.
function nameMany(box, name) {
  box.querySelector(".select2-selection")?.setAttribute("aria-label", name);
  box.querySelector(".select2-search__field")?.setAttribute("aria-label", `Sök ${name.toLowerCase()}`);
  for (const part of box.querySelectorAll("ul, li")) part.setAttribute("role", "none");
}

function nameSearch() {
  document.querySelector(".select2-dropdown .select2-search__field")?.setAttribute("aria-label", "Sök");
  document.querySelector(".select2-results__options")?.setAttribute("aria-label", "Förslag");
}

new MutationObserver(lendNames).observe(document.documentElement, { childList: true, subtree: true });
lendNames();
