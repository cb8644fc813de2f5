// The link that `fdx serve` prints carries the token behind a #, which no server and no log ever sees. Opened in a tab
// that shows this page already, it only changes what is behind the #.
function signIn() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (!token) return
  history.replaceState(null, '', location.pathname + location.search)
  document.getElementById('token').value = token
  document.getElementById('sign-in').requestSubmit()
}

addEventListener('hashchange', signIn)
signIn()
