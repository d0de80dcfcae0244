
// What counts on a page (data-live) follows what happens, without the reader doing anything: each minute while the page is
// seen, and when one comes back to it. The page is asked for again, and what differs takes the place of what was there.
const speaker = document.createElement("p");
speaker.className = "hidden";
speaker.setAttribute("role", "status");
document.body.append(speaker);
const say = (words) => { speaker.textContent = words; };

// Under the reader's hands nothing moves: neither where the focus is, nor what is unfolded or selected.
const inUse = (region) =>
  region.contains(document.activeElement) ||
  region.querySelector("details[open]") ||
  (!getSelection().isCollapsed && getSelection().containsNode(region, true));

const pressing = (regions) =>
  regions.flatMap((region) => [...region.querySelectorAll(".pressing")]).map((one) => one.textContent.trim());

const renew = (page) => {
  const [before, after] = [[], []];
  for (const region of document.querySelectorAll("[data-live]")) {
    const fresh = page.querySelector(`[data-live="${region.dataset.live}"]`);
    if (!fresh || fresh.outerHTML === region.outerHTML || inUse(region)) continue;
    before.push(region);
    after.push(fresh);
    region.replaceWith(fresh);
  }
  // Said aloud only when something presses more than it did.
  const known = pressing(before);
  const news = pressing(after).filter((words) => !known.includes(words));
  if (news.length) say(news.join(", "));
};

// A page without figures of its own asks for the list that its menu counts: to read a dossier again would be journalled.
const source = () =>
  document.querySelector("main [data-live]") ? location.href : document.querySelector("nav [data-live]")?.closest("a").href;

const passive = { headers: { "Pli-Passive": "1" }, redirect: "manual" };
const follow = async () => {
  const [asked, main] = [source(), document.querySelector("main")];
  if (!asked || document.visibilityState !== "visible") return;
  try {
    const answer = await fetch(asked, passive);
    // The session has ended: what is on the screen stays, and nothing more is asked.
    if (answer.type === "opaqueredirect" || answer.status === 401) clearInterval(minute);
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    // Meanwhile the reader may have turned the page.
    if (main.isConnected && asked === source()) renew(page);
  } catch {
    // Without an answer, the figures are those of the page, as without JavaScript.
  }
};
const minute = setInterval(follow, 60_000);
document.addEventListener("visibilitychange", follow);

// What happens meanwhile is told by the server: figures are asked for again, and an open dossier says that it has changed. It is the
// reader who opens it again: what is being typed stays. One stream for the page that is seen, none for those behind.
let stream;
const listen = () => {
  stream?.close();
  const notice = document.querySelector("[data-changes]");
  if (document.visibilityState !== "visible" || (notice ? !notice.hidden : !source())) return;
  stream = new EventSource(notice?.dataset.changes ?? "/changements");
  stream.addEventListener("change", () => {
    if (!notice) return follow();
    stream.close();
    notice.hidden = false;
    say(notice.textContent);
  });
};
document.addEventListener("visibilitychange", listen);
listen();
