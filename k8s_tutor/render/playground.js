
// The playground's front end, around the live picture: this text stands after live.js, whose `render` draws the picture
// and whose `send`, `element` and `still` are used here. Python says what controls act upon; a control says what is to
// be done, and nothing here waits for it.

const FLIGHT = 900; // ms that a dot is on its way
const SPREAD = 500; // ms over which the dots of one burst set out
const WAIT = 250; // ms after the last move of a slider

// A Pod's name with its middle left out: the application and the letters that tell it from its like.
function shorten(name) {
  const parts = name.split("-");
  return name.length > 18 && parts.length > 2 ? `${parts[0]}…${parts[parts.length - 1]}` : name;
}

// What a control says and may, from what Python has described: no document, so that it can be tested by itself.
function label(state, words) {
  const { app, pod, node, traffic, time } = state;
  const put = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  return {
    app: app.name || words.none,
    pod: shorten(pod.name) || words.none,
    node: node.name || words.none,
    roll: app.next ? put(words.roll, { image: app.next }) : words.rolled,
    readiness: pod.unready && pod.switchable ? words.mend : words.break,
    cordon: node.cordoned ? words.uncordon : words.cordon,
    unplug: node.off ? words.plug : words.unplug,
    pause: time.paused ? words.go : words.stop,
    answered: put(words.answered, { n: traffic.answered }),
    lost: put(words.lost, { n: traffic.lost.reduce((sum, [, count]) => sum + count, 0) }),
    reasons: traffic.lost.map(([kind, count]) => `${kind}: ${count}`).join(", "),
  };
}

// Why a control cannot be used now; empty where it can.
function reasons(state, words) {
  const { app, pod, node, traffic, time } = state;
  return {
    fewer: app.name ? (app.replicas > 0 ? "" : " ") : words.noapp,
    more: app.name ? (app.replicas < app.most ? "" : " ") : words.noapp,
    roll: !app.name ? words.noapp : app.next ? "" : words.noimage,
    readiness: !pod.name ? words.nopod : pod.switchable ? "" : words.noswitch,
    kill: pod.name ? "" : words.nopod,
    cordon: node.why,
    drain: node.why,
    unplug: node.why,
    rate: traffic.rate ? "" : traffic.why,
    pause: time.why,
    step: time.why,
    speed: time.why,
    back: time.why,
  };
}

// Which of a burst's dots goes where, and when it sets out.
function flights(latest, spread = SPREAD) {
  return latest.map((pod, index) => ({ pod, delay: (index * spread) / Math.max(latest.length, 1) }));
}

function named(card) {
  return (card.querySelector(".name, .inner-name")?.textContent || "").trim();
}

// Dots fly from the client to the Pods that answered; what was lost falls. Never more than one burst's at a time.
function fly(root, layer, latest) {
  if (still() || document.hidden) return;
  const from = root.querySelector(".pg-client").getBoundingClientRect();
  const origin = root.getBoundingClientRect();
  const cards = new Map();
  for (const card of root.querySelectorAll(".stage .nodes > .node")) {
    for (const name of [card.getAttribute("data-name"), named(card)]) if (name) cards.set(name, card);
  }
  layer.replaceChildren();
  for (const { pod, delay } of flights(latest)) {
    const card = cards.get(pod);
    if (pod && !card) continue; // folded, or gone since
    const dot = element("i", pod ? "dot" : "dot lost");
    const start = { x: from.left + from.width / 2 - origin.left, y: from.bottom - origin.top };
    const to = card?.querySelector(".card")?.getBoundingClientRect();
    const end = to
      ? { x: to.left + to.width / 2 - origin.left, y: to.top + 10 - origin.top }
      : { x: start.x + 30, y: start.y + 46 };
    const at = ({ x, y }) => `translate(${x}px, ${y}px)`;
    layer.append(dot);
    dot.animate(
      [
        { transform: at(start), opacity: 0 },
        { opacity: 1, offset: 0.1 },
        { opacity: 1, offset: 0.85 },
        { transform: at(end), opacity: 0 },
      ],
      { duration: FLIGHT, delay, easing: "ease-in-out", fill: "both" },
    ).finished.then(() => dot.remove(), () => {});
  }
}

function makeButton(name, text, className = "") {
  return element("button", `pg-button ${className}`.trim(), { type: "button", name, textContent: text });
}

function makeGroup(words, key, ...parts) {
  const group = element("fieldset", `pg-group pg-${key}`);
  const title = element("legend", "");
  title.append(element("span", "pg-kind", { textContent: words[key] }), element("b", "pg-target"));
  group.append(title, ...parts);
  return group;
}

function makeControls(words, state) {
  const shelf = element("select", "pg-button pg-first", { name: "put", title: words.shelf });
  shelf.setAttribute("aria-label", words.shelf);
  shelf.append(element("option", "", { textContent: words.shelf, value: "" }));
  for (const [value, textContent] of state.shelf) shelf.append(element("option", "", { value, textContent }));
  const count = element("output", "pg-count", { title: words.replicas });
  const fewer = makeButton("fewer", "−", "pg-small");
  const more = makeButton("more", "+", "pg-small");
  fewer.setAttribute("aria-label", words.fewer);
  more.setAttribute("aria-label", words.more);
  const speed = element("select", "pg-button", { name: "speed", title: words.speed });
  speed.setAttribute("aria-label", words.speed);
  for (const one of state.time.speeds) speed.append(element("option", "", { value: one, textContent: `× ${one}` }));
  const rate = element("input", "pg-rate", { type: "range", name: "rate", min: 0, max: state.traffic.most, step: 1 });
  rate.setAttribute("aria-label", words.rate);
  const button = (name, text = words[name]) => makeButton(name, text);
  const first = element("div", "pg-shelf");
  first.append(shelf, button("clear"));
  const bar = element("div", "pg-bar");
  bar.append(
    first,
    makeGroup(words, "app", fewer, count, more, button("roll", "")),
    makeGroup(words, "pod", button("readiness", ""), button("kill")),
    makeGroup(words, "node", button("cordon", ""), button("drain"), button("unplug", "")),
    makeGroup(words, "time", button("pause", ""), button("step"), speed, button("back")),
  );
  const flow = element("div", "pg-flow");
  const client = element("span", "pg-client", { textContent: words.client });
  const per = element("label", "pg-per");
  per.append(rate, element("output", "pg-number"), element("span", "pg-unit", { textContent: words.rate }));
  const sums = element("span", "pg-sums");
  flow.append(client, per, sums, element("span", "pg-pods"));
  return { bar, flow, latest: element("p", "pg-latest") };
}

// One bar for each Pod that answered, the longest as long as there is room.
function drawShares(traffic, words) {
  const rows = [...traffic.pods, ...(traffic.earlier ? [[words.earlier, traffic.earlier]] : [])];
  const most = Math.max(1, ...rows.map(([, count]) => count));
  return rows.map(([pod, count]) => {
    const row = element("span", "pg-share", { title: `${pod}: ${count}` });
    const bar = element("i", "");
    bar.style.width = `${Math.max(2, Math.round((60 * count) / most))}px`;
    row.append(element("span", "pg-pod-name", { textContent: shorten(pod) }), bar, String(count));
    return row;
  });
}

function drawLine(line, words) {
  const item = element("li", line.state);
  const said = element("code", "", { textContent: line.said });
  item.append(said);
  if (line.state !== "done") item.append(element("span", "pg-state", { textContent: words[line.state] }));
  if (line.stdin) {
    const more = element("details", "");
    more.append(element("summary", "", { textContent: words.manifest }), element("pre", "", { textContent: `${line.said} <<'EOF'\n${line.stdin}EOF` }));
    item.append(more);
  }
  if (line.answer) item.append(element("span", "pg-answer", { textContent: line.answer }));
  return item;
}

function renderPlayground({ model, el }) {
  const words = model.get("words");
  const root = element("section", "k8s-tutor-playground");
  root.setAttribute("aria-label", words.region);
  const { bar, flow, latest } = makeControls(words, model.get("state"));
  const inner = element("div", "pg-picture");
  const layer = element("div", "pg-layer");
  layer.setAttribute("aria-hidden", "true");
  const hint = element("p", "pg-hint", { textContent: words.pick });
  const log = element("ol", "pg-log");
  log.setAttribute("role", "log");
  log.setAttribute("aria-label", words.log);
  latest.setAttribute("role", "status");
  root.append(bar, flow, latest, inner, hint, log, layer);
  el.replaceChildren(root);
  let asked = 0;
  let bursts = -1;
  let shownLog = "";
  let timer = 0;
  const control = (name) => root.querySelector(`[name="${name}"]`);

  const ask = (name, value = null) => send(model, { deed: { name, value, number: (asked += 1) } });

  function mark() {
    for (const card of inner.querySelectorAll(".nodes > .node")) {
      const mine = card.getAttribute("data-id") === model.get("picked");
      card.classList.toggle("picked", mine);
      card.classList.toggle("unplugged", model.get("state").off.includes(card.getAttribute("data-id")));
      if (card.classList.contains("pressable")) card.setAttribute("aria-pressed", String(mine));
    }
  }

  // The first press aims; the next one asks, as in every live picture.
  function pick(id) {
    if (model.get("picked") === id) return false;
    send(model, { picked: id });
    mark();
    return true;
  }

  function updateTraffic(traffic, text) {
    const rate = control("rate");
    if (document.activeElement !== rate || Number(rate.value) === traffic.rate) rate.value = traffic.rate;
    root.querySelector(".pg-number").textContent = rate.value;
    const sums = root.querySelector(".pg-sums");
    const lost = element("b", traffic.lost.length ? "lost" : "", { textContent: text.lost, title: text.reasons });
    const trouble = (traffic.rate && traffic.trouble) || traffic.why;
    const counts = traffic.bursts ? [text.answered, " · ", lost] : [];
    sums.replaceChildren(...counts, ...(trouble ? [element("em", "", { textContent: trouble })] : []));
    root.querySelector(".pg-pods").replaceChildren(...drawShares(traffic, words));
    if (traffic.bursts !== bursts && bursts !== -1 && traffic.rate) fly(root, layer, traffic.latest);
    bursts = traffic.bursts;
  }

  function updateLog(lines) {
    const text = JSON.stringify(lines);
    if (text === shownLog) return;
    shownLog = text;
    log.replaceChildren(...lines.map((line) => drawLine(line, words)));
    const last = lines[lines.length - 1];
    latest.className = `pg-latest ${last?.state || ""}`;
    latest.textContent = "";
    if (last) latest.append(element("code", "", { textContent: last.said }), element("span", "", { textContent: last.answer }));
    else latest.textContent = words.empty;
    log.hidden = !lines.length;
    log.scrollTop = log.scrollHeight;
  }

  function update() {
    const state = model.get("state");
    const text = label(state, words);
    for (const key of ["app", "pod", "node"]) {
      Object.assign(root.querySelector(`.pg-${key} .pg-target`), { textContent: text[key], title: state[key].name });
    }
    for (const name of ["roll", "readiness", "cordon", "unplug", "pause"]) control(name).textContent = text[name];
    for (const [name, why] of Object.entries(reasons(state, words))) {
      control(name).disabled = Boolean(why);
      control(name).title = why.trim() || (name === "drain" ? words.shared : "");
    }
    control("speed").value = String(state.time.speed);
    control("pause").setAttribute("aria-pressed", String(state.time.paused));
    root.querySelector(".pg-count").textContent = state.app.name ? state.app.replicas : "–";
    root.classList.toggle("pg-still", state.time.paused);
    mark();
    updateTraffic(state.traffic, text);
    updateLog(state.log);
  }

  const deeds = {
    fewer: () => ask("scale", -1),
    more: () => ask("scale", 1),
    unplug: () => ask("switch"),
    pause: () => ask(model.get("state").time.paused ? "play" : "pause"),
    back: () => ask("rewind"),
  };

  function click(event) {
    const button = event.target.closest?.("button.pg-button");
    if (button) (deeds[button.name] || (() => ask(button.name)))();
  }

  function choose(event) {
    const { name, value } = event.target;
    if (name === "put" && value) {
      ask("put", value);
      event.target.value = "";
    } else if (name === "speed") {
      ask("play", Number(value));
    }
  }

  function slide(event) {
    if (event.target.name !== "rate") return;
    root.querySelector(".pg-number").textContent = event.target.value;
    clearTimeout(timer);
    timer = setTimeout(() => ask("traffic", Number(event.target.value)), WAIT);
  }

  root.addEventListener("click", click);
  root.addEventListener("change", choose);
  root.addEventListener("input", slide);
  const end = render({ model, el: inner, pick });
  update();
  model.on("change:state", update);
  model.on("change:frame", mark); // after the picture's own listener: it draws the cards anew
  return () => {
    clearTimeout(timer);
    model.off("change:state", update);
    model.off("change:frame", mark);
    end();
    el.replaceChildren();
  };
}

export default { render: renderPlayground };
export { flights, label, reasons };
