// allauth tells of a key that was cancelled or refused by an event only; readers get words.
document.addEventListener('allauth.error', (event) => {
  event.preventDefault()
  const note = document.getElementById('key-error')
  note.hidden = false
  note.focus()
})
