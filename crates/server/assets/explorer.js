// The explorer of the API: runs a query, and shows the schema with its descriptions.
"use strict";

const examples = {
  "Ce qui est en retard": `{
  retards {
    today
    total
    rows {
      unit { code name }
      total
      figures { ageClass count dossiers(first: 5) { edges { node { reference subject dueOn } } } }
    }
  }
}`,
  "Enregistrer un courrier": `mutation {
  registerMail(input: {
    idempotencyKey: "essai-1"
    sender: "Mme Martin, Lyon"
    subject: "Frais d’avocat"
    category: PETITION
    channel: POST
    documentOn: "2026-11-16"
    receivedOn: "2026-11-19"
  }) {
    dossier { id reference dueOn standing { text } allowedActions version }
    userErrors { code field message }
  }
}`,
  "Les dossiers ouverts": `{
  dossiers(filter: { open: true }, first: 10) {
    totalCount
    edges { node { id reference kind subject stage lead { code } dueOn standing { text } allowedActions version } }
    pageInfo { hasNextPage endCursor }
  }
}`,
  "Le journal d’un dossier": `{
  dossierByReference(reference: "SG-2026-A-000001") {
    reference
    stage
    ... on Mail { journal { edges { node { seq at actor action fromStage toStage accepted note } } } }
  }
}`,
};

const element = (id) => document.getElementById(id);

async function send(query, variables) {
  const answer = await fetch("/graphql", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/graphql-response+json" },
    body: JSON.stringify({ query, variables }),
  });
  return answer.json();
}

async function run(event) {
  if (event) event.preventDefault();
  let variables;
  try {
    variables = JSON.parse(element("variables").value || "{}");
  } catch {
    element("resultat").textContent = "Les variables ne sont pas du JSON valide.";
    return;
  }
  try {
    element("resultat").textContent = JSON.stringify(await send(element("query").value, variables), null, 2);
  } catch {
    element("resultat").textContent = "Pli ne répond pas.";
  }
}

const typeName = (type) =>
  type.kind === "NON_NULL" ? `${typeName(type.ofType)}!` : type.kind === "LIST" ? `[${typeName(type.ofType)}]` : type.name;

function line(field) {
  const item = document.createElement("li");
  const code = document.createElement("code");
  const args = (field.args || []).map((arg) => `${arg.name}: ${typeName(arg.type)}`).join(", ");
  code.textContent = field.name + (args ? `(${args})` : "") + (field.type ? `: ${typeName(field.type)}` : "");
  item.append(code, ` ${field.description || ""}`);
  return item;
}

async function showSchema() {
  const type = "kind name ofType { kind name ofType { kind name ofType { kind name } } }";
  const { data } = await send(`{ __schema { types { name description
    fields { name description type { ${type} } args { name type { ${type} } } }
    inputFields { name description type { ${type} } }
    enumValues { name description } } } }`);
  if (!data) return;
  const first = ["Query", "Mutation"];
  const types = data.__schema.types.filter((known) => !known.name.startsWith("__"));
  types.sort((a, b) => first.indexOf(b.name) - first.indexOf(a.name) || a.name.localeCompare(b.name));
  for (const known of types) {
    const details = document.createElement("details");
    const summary = document.createElement("summary");
    summary.textContent = `${known.name} – ${known.description || ""}`;
    const list = document.createElement("ul");
    for (const field of known.fields || known.inputFields || known.enumValues || []) list.append(line(field));
    details.append(summary, list);
    element("schema").append(details);
  }
}

for (const name of Object.keys(examples)) element("exemple").append(new Option(name));
const choose = () => (element("query").value = examples[element("exemple").value]);
element("exemple").addEventListener("change", choose);
element("requete").addEventListener("submit", run);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey) run(event);
});
choose();
showSchema();
