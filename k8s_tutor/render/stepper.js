// The stepper's front end. Python sends one picture a run; which of its three steps is on show is a class around it.

const STEPS = ["observe", "analyse", "act"];
const PACE = 1100; // milliseconds a step stays when it runs by itself

function parsed(text) {
  const root = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  root.querySelector(":scope > title")?.remove(); // else it hovers over the whole picture; the label says it
  return document.importNode(root, true);
}

function element(tag, className, properties = {}) {
  return Object.assign(document.createElement(tag), { className, ...properties });
}

function render({ model, el }) {
  const words = model.get("words");
  const root = element("div", "k8s-tutor-live k8s-tutor-steps", { tabIndex: 0 });
  const stage = element("div", "stage");
  const bar = element("div", "bar");
  const back = element("button", "back", { type: "button", textContent: `◂ ${words.back}` });
  const step = element("button", "step", { type: "button", textContent: `${words.step} ▸` });
  const run = element("button", "run", { type: "button" });
  const line = element("input", "line", { type: "range", min: 0 });
  const state = element("span", "state");
  const spoken = element("div", "spoken");
  spoken.setAttribute("role", "log");
  spoken.setAttribute("aria-live", "polite");
  root.setAttribute("role", "region");
  root.setAttribute("aria-label", words.region);
  line.setAttribute("aria-label", words.runs);
  bar.append(back, step, run, line, state);
  root.append(stage, bar, spoken);
  el.replaceChildren(root);

  let at = 0; // the step on show, counted over all runs
  let drawn = null;
  let timer = null;

  const frames = () => model.get("frames");
  const last = () => Math.max(frames().length * STEPS.length - 1, 0);

  function show() {
    const frame = frames()[Math.floor(at / STEPS.length)];
    if (!frame) return;
    if (frame.svg !== drawn) {
      stage.replaceChildren(parsed(frame.svg));
      drawn = frame.svg;
    }
    const name = STEPS[at % STEPS.length];
    stage.className = `stage at-${name}`;
    back.disabled = at === 0;
    step.disabled = at === last();
    run.disabled = at === last() && timer === null;
    run.textContent = timer === null ? `${words.run} ▸▸` : words.pause;
    line.max = frames().length - 1;
    line.value = Math.floor(at / STEPS.length);
    line.setAttribute("aria-valuetext", frame.head);
    state.textContent = `${Math.floor(at / STEPS.length) + 1} / ${frames().length}`;
    const told = name === "observe" ? `${frame.head}. ${frame.observe}` : frame[name];
    if (spoken.textContent !== told) spoken.textContent = told;
  }

  function go(to) {
    at = Math.min(Math.max(to, 0), last());
    if (at === last()) halt();
    show();
  }

  function halt() {
    window.clearInterval(timer);
    timer = null;
  }

  function toggle() {
    if (timer === null) timer = window.setInterval(() => go(at + 1), PACE);
    else halt();
    show();
  }

  const keys = {
    ArrowRight: () => go(at + 1),
    ArrowLeft: () => go(at - 1),
    PageDown: () => go((Math.floor(at / STEPS.length) + 1) * STEPS.length),
    PageUp: () => go((Math.floor(at / STEPS.length) - 1) * STEPS.length),
    Home: () => go(0),
    End: () => go(last()),
  };

  root.addEventListener("keydown", (event) => {
    const action = event.target === line ? null : keys[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // JupyterLab moves between cells with these keys
    halt();
    action();
  });
  back.addEventListener("click", () => (halt(), go(at - 1)));
  step.addEventListener("click", () => (halt(), go(at + 1)));
  run.addEventListener("click", toggle);
  line.addEventListener("input", () => (halt(), go(Number(line.value) * STEPS.length)));
  model.on("change:frames", show);
  show();
  return () => {
    halt();
    model.off("change:frames", show);
    el.replaceChildren();
  };
}

export default { render };
