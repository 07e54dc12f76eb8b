// The live picture's front end. Python sends whole pictures; here only what differs is touched: cards are known by
// their data-id and lines by their data-edge, so that a card that moves is seen moving and a focused one stays focused.

const MOVE = { duration: 450, easing: "ease-in-out" };
const FADE = { duration: 350, easing: "ease-out" };

const still = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

function parsed(text) {
  const root = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  root.querySelector(":scope > title")?.remove(); // else it hovers over the whole picture; the label says it
  return document.importNode(root, true);
}

function keyed(group, key) {
  const found = new Map();
  for (const child of group.children) {
    if (!child.dataset.leaving) found.set(child.getAttribute(key), child);
  }
  return found;
}

// What the upper left corner of the picture is called: a picture that has grown calls it otherwise, and nothing has moved.
function corner(svg) {
  const [x, y] = (svg.getAttribute("viewBox") || "0 0").split(" ").map(Number);
  return { x, y };
}

function place(element) {
  const [x, y] = (element.getAttribute("transform") || "translate(0,0)").slice(10, -1).split(",").map(Number);
  return { x, y };
}

function copyAttributes(from, to) {
  for (const { name } of [...to.attributes]) if (!from.hasAttribute(name)) to.removeAttribute(name);
  for (const { name, value } of from.attributes) if (to.getAttribute(name) !== value) to.setAttribute(name, value);
}

function leave(element) {
  if (still()) return element.remove();
  element.dataset.leaving = "true";
  element.setAttribute("aria-hidden", "true");
  element.removeAttribute("tabindex");
  element.animate([{ opacity: 1 }, { opacity: 0 }], FADE).finished.finally(() => element.remove());
}

function enter(element) {
  if (!still()) element.animate([{ opacity: 0 }, { opacity: 1 }], FADE);
}

function glide(element, before, after) {
  if (still() || (before.x === after.x && before.y === after.y)) return;
  const at = ({ x, y }) => ({ transform: `translate(${x}px, ${y}px)` });
  element.animate([at(before), at(after)], MOVE);
}

// A line whose ends move is gone while they do, and back when they have arrived.
function redirect(element, before, after, shift) {
  if (still() || (before === after && !shift.x && !shift.y)) return;
  element.animate([{ opacity: 0 }, { opacity: 0, offset: 0.7 }, { opacity: 1 }], MOVE);
}

const course = (edge) => edge.querySelector(".edge")?.getAttribute("d");

function change(old, fresh, shift, moves) {
  const before = place(old);
  const after = place(fresh);
  const way = [course(old), course(fresh)];
  copyAttributes(fresh, old);
  if (old.innerHTML !== fresh.innerHTML) old.replaceChildren(...fresh.childNodes);
  if (moves) glide(old, { x: before.x + shift.x, y: before.y + shift.y }, after);
  else redirect(old, ...way, shift);
}

function merge(group, fresh, key, shift, moves) {
  const old = keyed(group, key);
  for (const element of [...fresh.children]) {
    const known = old.get(element.getAttribute(key));
    if (known) {
      old.delete(element.getAttribute(key));
      change(known, element, shift, moves);
    } else {
      group.append(element);
      enter(element);
    }
  }
  for (const element of old.values()) leave(element);
}

// In a live picture a card is something to press: it opens, or it answers.
function arm(svg, frame, words) {
  const opens = new Set(frame.folded);
  const asks = new Set(frame.asks);
  for (const card of svg.querySelectorAll(".nodes > .node")) {
    const id = card.getAttribute("data-id");
    if (!opens.has(id) && !asks.has(id)) continue;
    card.setAttribute("role", "button");
    card.classList.add("pressable");
    if (!opens.has(id)) continue;
    card.setAttribute("aria-expanded", "false");
    card.setAttribute("aria-label", `${card.getAttribute("aria-label")} (${words.opens})`);
  }
}

function redraw(stage, frame, words) {
  const fresh = parsed(frame.svg);
  arm(fresh, frame, words);
  const svg = stage.querySelector("svg");
  const parts = [svg, fresh].every((root) => root?.querySelector(":scope > .nodes"));
  if (!parts) return stage.replaceChildren(fresh);
  const [was, is] = [corner(svg), corner(fresh)];
  const shift = { x: is.x - was.x, y: is.y - was.y };
  copyAttributes(fresh, svg);
  for (const name of [":scope > desc", ":scope > .page", ":scope > .lanes"]) {
    const element = fresh.querySelector(name);
    if (element) svg.querySelector(name)?.replaceWith(element);
  }
  svg.querySelectorAll(":scope > .note").forEach((note) => note.remove());
  svg.append(...fresh.querySelectorAll(":scope > .note"));
  merge(svg.querySelector(":scope > .edges"), fresh.querySelector(":scope > .edges"), "data-edge", shift, false);
  merge(svg.querySelector(":scope > .nodes"), fresh.querySelector(":scope > .nodes"), "data-id", shift, true);
}

// Arrow keys go to the nearest card in that direction.
function walk(event) {
  const steps = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
  const step = steps[event.key];
  const here = event.target.closest?.(".node");
  if (!step || !here) return;
  event.preventDefault();
  const from = place(here);
  let best = null;
  for (const node of here.parentNode.children) {
    const { x, y } = place(node);
    const ahead = (x - from.x) * step[0] + (y - from.y) * step[1];
    const aside = Math.abs((x - from.x) * step[1]) + Math.abs((y - from.y) * step[0]);
    if (node !== here && !node.dataset.leaving && ahead > 0 && (!best || ahead + 2 * aside < best.cost)) {
      best = { node, cost: ahead + 2 * aside };
    }
  }
  best?.node.focus();
}

// Tells Python how wide the page is, once it has stopped changing.
function measure(stage, model) {
  let timer = 0;
  const observer = new ResizeObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const room = Math.floor(stage.clientWidth);
      if (room && Math.abs(room - model.get("room")) > 8) send(model, { room });
    }, 120);
  });
  observer.observe(stage);
  return () => observer.disconnect();
}

function send(model, values) {
  for (const [name, value] of Object.entries(values)) model.set(name, value);
  model.save_changes();
}

function element(tag, className, properties = {}) {
  return Object.assign(document.createElement(tag), { className, ...properties });
}

// `pick` is whoever stands around the picture and may want a pressed card for itself: then it says true.
function render({ model, el, pick }) {
  const words = model.get("words");
  const root = element("div", "k8s-tutor-live");
  const stage = element("div", "stage");
  const bar = element("div", "bar");
  const button = element("button", "toggle", { type: "button" });
  const state = element("span", "state");
  const still = element("span", "still");
  const changes = element("span", "changes");
  const told = element("pre", "alt-text");
  const details = element("details", "");
  const fold = element("button", "fold", { type: "button", textContent: words.fold, hidden: true });
  const panel = element("section", "panel", { hidden: true, tabIndex: -1 });
  const answer = element("div", "answer");
  const close = element("button", "close", { type: "button", textContent: words.close });
  panel.setAttribute("aria-live", "polite");
  panel.append(close, answer);
  details.append(element("summary", "", { textContent: words.words }), told);
  still.setAttribute("role", "status");
  changes.setAttribute("role", "log");
  changes.setAttribute("aria-live", "polite");
  root.setAttribute("role", "region");
  root.setAttribute("aria-label", words.region);
  bar.append(button, fold, element("span", "pulse"), state, still, changes);
  root.append(stage, bar, panel, details);
  el.replaceChildren(root);

  let paused = false;
  let shown = -1;

  function update() {
    const frame = model.get("frame");
    if (!paused && frame.count !== shown) {
      redraw(stage, frame, words);
      told.textContent = frame.alt_text;
      const latest = frame.changes[frame.changes.length - 1] || "";
      if (latest) changes.replaceChildren(element("b", "", { textContent: latest }));
      changes.title = frame.changes.join("\n");
      shown = frame.count;
    }
    told.textContent = paused ? told.textContent : frame.alt_text;
    if (still.textContent !== frame.still) still.textContent = frame.still;
    still.hidden = !frame.still;
    const waiting = frame.count - shown;
    button.textContent = paused ? words.play : words.pause;
    button.setAttribute("aria-pressed", String(paused));
    state.textContent = frame.lost || (paused ? `${words.paused}${waiting ? ` (+${waiting})` : ""}` : words.following);
    root.classList.toggle("paused", paused);
    root.classList.toggle("standing", Boolean(frame.still));
    root.classList.toggle("lost", Boolean(frame.lost));
    fold.hidden = !model.get("opened");
  }

  function press(card) {
    const id = card.getAttribute("data-id");
    const frame = model.get("frame");
    if (frame.asks.includes(id) && pick?.(id)) return;
    if (frame.folded.includes(id)) send(model, { opened: model.get("opened") === id ? "" : id });
    else if (frame.asks.includes(id)) send(model, { asked: id });
  }

  function shut() {
    const card = [...stage.querySelectorAll(".node")].find((one) => one.getAttribute("data-id") === model.get("asked"));
    panel.hidden = true;
    send(model, { asked: "" });
    card?.focus();
  }

  function hear() {
    const said = model.get("said");
    panel.hidden = !said.html;
    if (!said.html) return;
    answer.innerHTML = said.html; // made of our own words, and of the cluster's with every character escaped
    panel.focus({ preventScroll: false });
  }

  function keys(event) {
    const card = event.target.closest?.(".node");
    if (card && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      press(card);
    } else if (event.key === "Escape") {
      if (!panel.hidden) shut();
      else if (model.get("opened")) send(model, { opened: "" });
    } else {
      walk(event);
    }
  }

  function toggle() {
    paused = !paused;
    update();
  }

  button.addEventListener("click", toggle);
  fold.addEventListener("click", () => send(model, { opened: "" }));
  close.addEventListener("click", shut);
  root.addEventListener("keydown", keys);
  stage.addEventListener("click", (event) => {
    const card = event.target.closest(".node");
    if (card) press(card);
  });
  model.on("change:frame", update);
  model.on("change:opened", update);
  model.on("change:said", hear);
  update();
  const rest = measure(stage, model);
  return () => {
    rest();
    model.off("change:frame", update);
    model.off("change:opened", update);
    model.off("change:said", hear);
    el.replaceChildren();
  };
}

export default { render };
