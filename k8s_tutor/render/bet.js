// A guess: a question with its choices, or a number to enter. What was bet goes to the kernel and stays changeable until
// the cluster has answered; then the truth stands beside it.

function choose(model, key) {
  model.set("bet", key);
  model.save_changes();
}

// `Backticks` mark what is typed.
function words(text) {
  return text.split("`").map((part, at) => {
    if (at % 2 === 0) return part;
    const code = document.createElement("code");
    code.textContent = part;
    return code;
  });
}

function choices(model, name) {
  return model.get("choices").map(([key, text]) => {
    const label = document.createElement("label");
    const input = document.createElement("input");
    Object.assign(input, { type: "radio", name, value: key, checked: model.get("bet") === key });
    input.addEventListener("change", () => choose(model, key));
    label.append(input, ...words(text));
    return label;
  });
}

function number(model) {
  const { number: label, place } = model.get("words");
  const form = document.createElement("form");
  const input = document.createElement("input");
  const button = document.createElement("button");
  Object.assign(input, { type: "number", step: "1", value: model.get("bet") });
  input.setAttribute("aria-label", label);
  Object.assign(button, { type: "submit", textContent: place });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (input.value !== "") choose(model, input.value);
  });
  form.append(input, button);
  return [form];
}

function render({ model, el }) {
  const box = document.createElement("fieldset");
  box.className = "k8s-tutor-bet";
  const legend = document.createElement("legend");
  legend.append(...words(model.get("question")));
  const said = document.createElement("div");
  said.className = "said";
  said.setAttribute("role", "status");
  const inputs = model.get("choices").length ? choices(model, `bet-${model.model_id ?? Math.random()}`) : number(model);
  box.append(legend, ...inputs, said);
  el.append(box);
  const show = () => {
    said.replaceChildren(...words(model.get("said")));
    box.classList.toggle("settled", model.get("settled"));
    for (const input of box.querySelectorAll("input, button")) input.disabled = model.get("settled");
  };
  model.on("change:said", show);
  model.on("change:settled", show);
  show();
}

export default { render };
