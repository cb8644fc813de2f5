// The link that `fdx serve` prints carries the token behind a #, which no server and no log ever sees.
const token = new URLSearchParams(location.hash.slice(1)).get('token')
if (token) {
  history.replaceState(null, '', location.pathname + location.search)
  document.getElementById('token').value = token
  document.getElementById('sign-in').requestSubmit()
}
