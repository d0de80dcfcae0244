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

// Done to the page that comes, and to each list that takes its place (turn.js).
const onEach = (prepare) => {
  prepare();
  document.addEventListener("turned", prepare);
};

// Every box of a list at once.
onEach(() => {
  for (const head of document.querySelectorAll("thead .pick")) {
    const all = document.createElement("input");
    const boxes = [...head.closest("table").querySelectorAll("tbody .pick input")];
    all.type = "checkbox";
    all.setAttribute("aria-label", "Tout choisir");
    all.addEventListener("change", () => boxes.forEach((box) => { box.checked = all.checked; }));
    for (const box of boxes) box.addEventListener("change", () => { all.checked = boxes.every((one) => one.checked); });
    const label = document.createElement("label");
    label.append(all);
    head.append(label);
  }
});

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
    if (others.length && !confirm("Une autre saisie de cette page n’est pas enregistrée. Continuer et la perdre ?")) {
      event.preventDefault();
      return;
    }
    // A form that gives a file leaves its page as it is: it can be sent again.
    if ("file" in form.dataset) {
      typed.delete(form);
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

// A document may be dropped anywhere on a page that takes one, and is seen beside the form before it is sent.
const chosen = document.querySelector("input[type=file]");
if (chosen) {
  const preview = document.getElementById("apercu");
  const told = document.getElementById(`${chosen.id}-choix`);
  document.getElementById(`${chosen.id}-depot`).hidden = false;
  let shown = "";
  const show = () => {
    const file = chosen.files[0];
    URL.revokeObjectURL(shown);
    told.textContent = "";
    preview.hidden = true;
    preview.replaceChildren();
    if (!file) return;
    if (file.size > Number(chosen.dataset.largest)) {
      told.textContent = `« ${file.name} » est trop volumineux : ${Number(chosen.dataset.largest) >> 20} Mio au plus.`;
      chosen.value = "";
      return;
    }
    const picture = file.type === "image/jpeg" || file.type === "image/png";
    // What browsers do not show is sent all the same; whether it is accepted is for the server to say.
    if (!picture && file.type !== "application/pdf") return;
    shown = URL.createObjectURL(file);
    const seen = document.createElement(picture ? "img" : "iframe");
    seen[picture ? "alt" : "title"] = file.name;
    // The page alone, as wide as its frame.
    seen.src = picture ? shown : `${shown}#navpanes=0&view=FitH`;
    preview.append(seen);
    preview.hidden = false;
  };
  chosen.addEventListener("change", show);
  // A browser that comes back to the page may have kept the choice.
  if (chosen.files.length) show();

  // Over a frame, what is dropped would be the frame's: meanwhile none is there to take it.
  const bringsFile = (event) => event.dataTransfer && event.dataTransfer.types.includes("Files");
  const over = (is) => document.body.classList.toggle("dropping", is);
  addEventListener("dragover", (event) => {
    if (!bringsFile(event)) return;
    event.preventDefault();
    over(true);
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) over(false);
  });
  addEventListener("drop", (event) => {
    if (!bringsFile(event)) return;
    event.preventDefault();
    over(false);
    const one = new DataTransfer();
    one.items.add(event.dataTransfer.files[0]);
    chosen.files = one.files;
    const around = chosen.closest("details");
    if (around) around.open = true;
    for (const name of ["input", "change"]) chosen.dispatchEvent(new Event(name, { bubbles: true }));
    chosen.focus();
  });
}

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
onEach(() => {
  const shortcut = document.querySelector(".shortcut");
  if (!shortcut) return;
  const button = shortcut.querySelector("button");
  const show = () => (button.textContent = switchedOff() ? "Activer" : "Désactiver");
  button.addEventListener("click", () => {
    localStorage.setItem("raccourci", switchedOff() ? "oui" : "non");
    show();
  });
  show();
  shortcut.hidden = false;
});

// One key decides, goes on or goes back, outside the fields and where the page says so; it can be switched off.
// In a list, it speaks of the line where the focus is, at first of the first one, and goes from line to line.
const keys = document.getElementById("clavier");
if (keys) {
  const active = document.getElementById("clavier-actif");
  // Where nothing may be kept, the choice holds for the page.
  const kept = (choice) => {
    try {
      if (choice) localStorage.setItem("clavier", choice);
      return localStorage.getItem("clavier");
    } catch {
      return null;
    }
  };
  keys.hidden = false;
  active.checked = kept() !== "non";
  active.addEventListener("change", () => kept(active.checked ? "oui" : "non"));
  addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=checkbox]), select, textarea");
    const other = event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing;
    if (!active.checked || typing || other) return;
    const key = event.key.toLowerCase();
    const lines = [...document.querySelectorAll("[data-line]")];
    const line = event.target.closest("[data-line]");
    if (lines.length && (key === "j" || key === "k")) {
      const next = lines.indexOf(line) + (key === "j" ? 1 : -1);
      lines[Math.min(Math.max(next, 0), lines.length - 1)].focus();
      return;
    }
    const place = (line || document).querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!place) return;
    event.preventDefault();
    const field = place.querySelector("textarea");
    if (field) {
      if (place.matches("details")) place.open = true;
      field.focus();
    } else if (!place.dataset.confirm) place.click();
    else if (confirm(place.dataset.confirm)) place.querySelector("form").requestSubmit();
  });
}
