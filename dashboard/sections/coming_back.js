// Streamlit brings everybody who has signed in to the first page; this brings them where they were.
//
// Called by Streamlit at mount and at every change of `data`:
//   signedIn  whether somebody has
//   button    a selector of what sends people to sign in
// The address may hold a reader's code. It stays in this tab and is forgotten when it is used.

const KEPT = "xray signing in", LONGEST_MS = 600_000;

export default function ({ data }) {
  if (data.signedIn) {
    goBack();
    return;
  }
  const keep = ({ target }) => {
    if (!target.closest(data.button)) return;
    sessionStorage.setItem(KEPT, JSON.stringify({ address: location.href, at: Date.now() }));
  };
  document.addEventListener("click", keep, true);
  return () => document.removeEventListener("click", keep, true);
}

function goBack() {
  const kept = sessionStorage.getItem(KEPT);
  if (!kept) return;
  sessionStorage.removeItem(KEPT);
  const { address, at } = JSON.parse(kept);
  const brought = location.pathname.endsWith("/") && !location.search; // not gone elsewhere since
  if (brought && Date.now() - at < LONGEST_MS && address !== location.href) {
    location.replace(address);
  }
}
