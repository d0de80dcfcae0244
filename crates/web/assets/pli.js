// A little easier with JavaScript; everything works without.
"use strict";

// What is wrong is read first.
const alertBox = document.getElementById("erreurs");
if (alertBox) alertBox.focus();

// An address that names a folded form unfolds it.
const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
const folded = target && target.closest("details");
if (folded) {
  folded.open = true;
  target.scrollIntoView();
}

// What was typed is not lost by leaving, or by sending another form; a form is sent once.
const typed = new Set();
let sending = false;
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("input", () => typed.add(form));
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    const others = [...typed].filter((other) => other !== form);
    if (others.length && !confirm("Une autre saisie de cette page n’est pas enregistrée. Continuer et la perdre ?")) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    sending = true;
  });
}
addEventListener("beforeunload", (event) => {
  if (typed.size && !sending) event.preventDefault();
});
// A page that the browser keeps for « back » can be sent again.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  // After signing out, what was on the screen must not come back with « back ».
  if (!typed.size) location.reload();
  sending = false;
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// The key « / » leads to the search field, unless the person has switched that off on the search page.
const switchedOff = () => localStorage.getItem("raccourci") === "non";
addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.altKey || event.metaKey || switchedOff()) return;
  if (event.target.closest("input, select, textarea")) return;
  const way = document.querySelector("input[type=search]") || document.querySelector("nav a[href='/recherche']");
  if (!way) return;
  event.preventDefault();
  if (way.select) way.select();
  else way.click();
});
const shortcut = document.querySelector(".shortcut");
if (shortcut) {
  const button = shortcut.querySelector("button");
  const show = () => (button.textContent = switchedOff() ? "Activer" : "Désactiver");
  button.addEventListener("click", () => {
    localStorage.setItem("raccourci", switchedOff() ? "oui" : "non");
    show();
  });
  show();
  shortcut.hidden = false;
}
