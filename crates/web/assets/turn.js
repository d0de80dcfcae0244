
// Filters, pages and parts of a list: only the list comes, not the whole page. Whatever goes wrong, the browser goes there
// as it would without JavaScript. A page on which one writes is always loaded whole.
const writes = (page) => page.querySelector("main form[method=post]");
let turning;
let here = location.pathname + location.search;

const turn = async (url, settle, again) => {
  turning?.abort();
  turning = new AbortController();
  const main = document.querySelector("main");
  main.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(url, { signal: turning.signal, redirect: "error" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("main");
    if (!answer.ok || !fresh || writes(page)) throw new Error(url);
    // Where one was on the page, for the way back.
    if (!again) {
      history.replaceState({ top: scrollY }, "");
      history.pushState({ top: 0 }, "", url);
    }
    here = location.pathname + location.search;
    document.title = page.title;
    main.replaceWith(document.adoptNode(fresh));
    renew(page);
    document.dispatchEvent(new Event("turned"));
    settle();
  } catch (error) {
    if (error.name === "AbortError") return;
    if (again) location.reload();
    else location.assign(url);
  }
};

const heading = () => document.querySelector("main h1");
// The heading is read aloud by taking the focus.
const toHeading = () => {
  heading().tabIndex = -1;
  heading().focus({ preventScroll: true });
  scrollTo(0, 0);
};
// Whoever filters goes on from the button that was pressed, and hears what was found.
const toButton = (form) => {
  const button = document.getElementById(form.id)?.querySelector("[type=submit]");
  button?.focus({ preventScroll: true });
  if (!button || document.activeElement !== button) toHeading();
  else say(heading().textContent);
};

// Another view of the page where one is.
const turns = (url, place) =>
  place.closest("main") && !writes(document) && url.origin === location.origin && url.pathname === location.pathname;

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  const other = event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  if (!link || other || link.target || link.hasAttribute("download")) return;
  const url = new URL(link.href);
  if (!turns(url, link) || url.hash) return;
  event.preventDefault();
  turn(url.href, toHeading);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  const url = new URL(form.action);
  if (event.defaultPrevented || form.method !== "get" || !turns(url, form)) return;
  event.preventDefault();
  url.search = new URLSearchParams(new FormData(form, event.submitter));
  turn(url.href, () => toButton(form));
});

addEventListener("popstate", (event) => {
  // A place on the same page.
  if (location.pathname + location.search === here) return;
  const top = event.state?.top ?? 0;
  turn(location.href, () => { toHeading(); scrollTo(0, top); }, true);
});
