
// What is printed.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// Registering a letter: the server answers pieces of page while one types. What is typed goes in a form, never in an
// address; only the last answer counts.
const asker = (path) => {
  let waiting, going;
  const stop = () => {
    clearTimeout(waiting);
    if (going) going.abort();
  };
  const ask = (fields, then) => {
    stop();
    waiting = setTimeout(async () => {
      going = new AbortController();
      const body = new URLSearchParams(fields);
      try {
        const answer = await fetch(path, { method: "POST", body, signal: going.signal, redirect: "error" });
        if (answer.ok) then(await answer.text());
      } catch {
        // Without an answer the form is as good as without JavaScript.
      }
    }, 200);
  };
  return { ask, stop };
};

const intake = document.querySelector("form[data-intake]");
if (intake) {
  const valueOf = (name) => intake.querySelector(`[name=${name}]:not([type=file])`)?.value ?? "";
  const token = valueOf("token");

  // The letters that may be the same.
  const region = document.getElementById("a-comparer");
  const file = intake.querySelector("input[type=file]");
  const { ask } = asker("/courriers/nouveau/semblables");
  let digest = "";
  let said = "";
  const compare = () => {
    // What the clerk is asked about stays until they answer.
    if (region.querySelector("[name=apart]")) return;
    const fields = { token, digest, document: valueOf("document") };
    for (const name of ["sender", "subject", "documentOn", "receivedOn"]) fields[name] = valueOf(name);
    ask(fields, (piece) => {
      // Said once: what is the same is not read aloud again.
      if (piece.trim() !== said) region.innerHTML = said = piece.trim();
    });
  };
  file.addEventListener("change", async () => {
    digest = "";
    const chosen = file.files[0];
    // Browsers count digests over HTTPS only; without one the letter is compared when it is sent.
    if (chosen && crypto.subtle) {
      const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await chosen.arrayBuffer()));
      if (file.files[0] === chosen) digest = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    }
    compare();
  });
  intake.addEventListener("input", compare);

  // The senders that are known: a list under the field (ARIA's combobox), which the arrows walk.
  const field = intake.querySelector("[data-suggest]");
  const list = document.createElement("ul");
  const told = document.createElement("p");
  const suggestions = asker("/courriers/nouveau/expediteurs");
  list.id = `${field.id}-liste`;
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Expéditeurs connus");
  told.className = "hidden";
  told.setAttribute("role", "status");
  const around = document.createElement("div");
  around.className = "suggests";
  field.replaceWith(around);
  around.append(field, list, told);
  if (field.autofocus) field.focus();
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", list.id]]) {
    field.setAttribute(name, value);
  }
  const chosenOne = () => list.querySelector("[aria-selected=true]");
  const close = () => {
    suggestions.stop();
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  const choose = (option) => {
    chosenOne()?.setAttribute("aria-selected", "false");
    field.removeAttribute("aria-activedescendant");
    if (!option) return;
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", option.id);
  };
  // The member of Parliament who was picked; whatever is typed over it is a plain sender again.
  const member = intake.querySelector("[name=member]");
  const pick = (id) => {
    member.value = id;
    document.getElementById("elu-choisi").textContent = id ? "L’expéditeur est relié à sa fiche d’élu." : "";
  };
  const take = (option) => {
    field.value = option.dataset.value;
    pick(option.dataset.member ?? "");
    close();
    field.dispatchEvent(new CustomEvent("input", { bubbles: true, detail: "taken" }));
  };
  const open = (piece) => {
    if (document.activeElement !== field) return;
    list.innerHTML = piece;
    const count = list.children.length;
    list.hidden = count === 0;
    field.setAttribute("aria-expanded", String(count > 0));
    field.removeAttribute("aria-activedescendant");
    told.textContent = count === 0 ? "" : count === 1 ? "Un expéditeur connu" : `${count} expéditeurs connus`;
  };
  field.addEventListener("input", (event) => {
    if (event.detail === "taken") return;
    pick("");
    suggestions.ask({ token, sender: field.value }, open);
  });
  field.addEventListener("keydown", (event) => {
    const options = [...list.children];
    if (list.hidden || event.isComposing) {
      if (event.key === "ArrowDown") suggestions.ask({ token, sender: field.value }, open);
      return;
    }
    const at = options.indexOf(chosenOne());
    if (event.key === "ArrowDown") choose(options[at + 1] ?? options[0]);
    else if (event.key === "ArrowUp") choose(options[at - 1] ?? options.at(at === 0 ? 0 : -1));
    else if (event.key === "Enter" && at >= 0) take(options[at]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  field.addEventListener("blur", close);
  // The field keeps the focus while the list is clicked.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
}
