// What Streamlit's map lacks: the figures of a tooltip, zoom buttons, a scale bar, and a view
// that fits the map's size. Without it the map works as Streamlit draws it.
(() => {
  if (window.hinterlandMaps) return;
  window.hinterlandMaps = true;
  document.head.append(Object.assign(document.createElement("style"), { textContent: STYLE }));
  const CHART = "[data-testid='stDeckGlJsonChart']";
  const ASSUMED = [760, 620]; // pixels of the map that the server's view is for
  const STEPS = [1, 2, 5];
  const BAR = 110; // pixels of the longest scale bar
  const texts = JSON.parse(document.querySelector("script[data-map-tools]")?.dataset.mapTools || "{}");
  if (texts.lang) document.documentElement.lang = texts.lang;
  const known = new WeakMap(); // chart -> what was made for it
  const files = new Map(); // address -> promise of the figures

  // deck.gl's object hangs in a hook of its React component; nothing else leads to it.
  function deckOf(chart) {
    const node = chart.querySelector("#deckgl-wrapper");
    const key = node && Object.keys(node).find((name) => name.startsWith("__reactFiber$"));
    for (let fiber = key && node[key]; fiber; fiber = fiber.return) {
      for (let hook = fiber.memoizedState; hook && typeof hook === "object" && "next" in hook; hook = hook.next) {
        const value = hook.memoizedState;
        for (const one of [value, value?.current, value?.[0]]) if (one?.deck?.props) return one.deck;
      }
      if (fiber.stateNode === chart) return null;
    }
    return null;
  }

  // A wheel leaves zoomX and zoomY in the view, which win over the zoom that a button or the server
  // sets: they are the zoom that is drawn, and go with the next move.
  function viewOf(deck) {
    if (!deck.props.viewState) return null;
    const { zoomX, zoomY, ...view } = deck.props.viewState;
    return { ...view, zoom: zoomX ?? view.zoom };
  }
  const move = (deck, change) =>
    deck.props.onViewStateChange?.({ viewState: { ...viewOf(deck), ...change }, interactionState: {}, oldViewState: viewOf(deck) });

  function fitted(deck, frame) {
    const share = Math.min(deck.width / ASSUMED[0], deck.height / ASSUMED[1]);
    return { target: frame.target, zoom: frame.zoom + Math.log2(share) };
  }

  const same = (a, b) =>
    a && b && Math.abs(a.zoom - b.zoom) < 1e-6 && Math.hypot(a.target[0] - b.target[0], a.target[1] - b.target[1]) < 1e-6;

  function zoomBy(deck, steps) {
    const view = viewOf(deck);
    const zoom = Math.min(view.maxZoom ?? 4, Math.max(view.minZoom ?? -5, view.zoom + steps));
    move(deck, { zoom });
  }

  function button(box, text, label, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.title = label;
    made.setAttribute("aria-label", label);
    made.addEventListener("click", act);
    box.append(made);
  }

  // A wheel scrolls the page, as everywhere: it zooms with Ctrl (a pinch on a pad, too), or once the
  // map was clicked, until the pointer leaves it.
  function guardWheel(chart) {
    const hint = document.createElement("div");
    hint.className = "hinterland-map-hint";
    hint.setAttribute("aria-hidden", "true");
    hint.textContent = texts.wheel || "Ctrl + wheel zooms, or click the map first";
    chart.append(hint);
    let isUsed = false;
    let timer = 0;
    const show = (isShown) => hint.classList.toggle("shown", isShown);
    chart.addEventListener("pointerdown", () => { isUsed = true; show(false); }, { capture: true });
    chart.addEventListener("pointerleave", () => { isUsed = false; });
    chart.addEventListener("wheel", (event) => {
      if (isUsed || event.ctrlKey || event.metaKey) return;
      event.stopPropagation();
      show(true);
      clearTimeout(timer);
      timer = setTimeout(() => show(false), 1500);
    }, { capture: true, passive: true });
  }

  function furnish(chart) {
    const state = { frame: "", view: null, size: "", zoom: null };
    const tools = document.createElement("div");
    tools.className = "hinterland-map-tools";
    const withDeck = (act) => () => { const deck = deckOf(chart); if (deck) act(deck); };
    button(tools, "+", texts.in || "Zoom in", withDeck((deck) => zoomBy(deck, 1)));
    button(tools, "−", texts.out || "Zoom out", withDeck((deck) => zoomBy(deck, -1)));
    button(tools, "⟲", texts.reset || "Reset the view", withDeck((deck) => {
      state.view = fitted(deck, JSON.parse(state.frame));
      move(deck, state.view);
    }));
    state.scale = document.createElement("div");
    state.scale.className = "hinterland-map-scale";
    state.scale.setAttribute("aria-label", texts.scale || "Scale");
    chart.append(tools, state.scale);
    guardWheel(chart);
    new MutationObserver(() => fill(chart)).observe(chart, { childList: true, subtree: true });
    known.set(chart, state);
    return state;
  }

  // Where finer outlines have come, the coarse ones would stand out beyond their coasts.
  const COARSE = ["regions", "borders"];
  function hideCoarse(deck) {
    if (deck.props.layerFilter) return;
    const isHidden = ({ layer, viewport }) => {
      if (!COARSE.includes(layer.id)) return false;
      const near = deck.layerManager?.layers.find((one) => one.id === "near");
      return Boolean(near?.isLoaded && viewport.zoom >= near.props.visibleMinZoom);
    };
    deck.setProps({ layerFilter: (drawn) => !isHidden(drawn) });
  }

  function drawScale(state, zoom) {
    if (zoom === state.zoom) return;
    state.zoom = zoom;
    const pixels = 2 ** zoom; // of a km
    const power = 10 ** Math.floor(Math.log10(BAR / pixels));
    const km = Math.max(...STEPS.map((step) => step * power).filter((length) => length * pixels <= BAR));
    state.scale.style.width = `${km * pixels}px`;
    state.scale.textContent = km >= 1 ? `${km.toLocaleString("en").replaceAll(",", "\u202f")} km` : `${km * 1000} m`;
  }

  function look(chart) {
    const deck = deckOf(chart);
    const frame = deck?.props.layers?.flat().find((layer) => layer?.props?.frame)?.props.frame;
    if (!frame || !deck.width || !viewOf(deck)?.target) return;
    const state = known.get(chart) || furnish(chart);
    hideCoarse(deck);
    const [text, size] = [JSON.stringify(frame), `${deck.width}x${deck.height}`];
    const untouched = state.size !== size && same(viewOf(deck), state.view);
    if (text !== state.frame || untouched) {
      state.view = fitted(deck, frame);
      if (!same(viewOf(deck), state.view)) move(deck, state.view);
    }
    [state.frame, state.size] = [text, size];
    drawScale(state, viewOf(deck).zoom);
    const { target, zoom } = viewOf(deck);
    chart.dataset.view = [target[0].toFixed(2), target[1].toFixed(2), zoom.toFixed(4)].join(" ");
  }

  function figures(address) {
    if (!files.has(address)) {
      files.set(address, fetch(address).then((answer) => (answer.ok ? answer.json() : [])).catch(() => []));
      if (files.size > 12) files.delete(files.keys().next().value);
    }
    return files.get(address);
  }

  // A tooltip at the right or lower edge turns to the other side of the pointer.
  function turn(chart, tip) {
    tip.style.margin = "0";
    const [box, own] = [chart.getBoundingClientRect(), tip.getBoundingClientRect()];
    tip.style.marginLeft = own.right > box.right ? `${-own.width - 16}px` : "8px";
    tip.style.marginTop = own.bottom > box.bottom ? `${-own.height - 8}px` : "8px";
  }

  function add(body, text) {
    const line = document.createElement("div");
    line.textContent = text;
    body.append(line);
  }

  function fill(chart) {
    const body = chart.querySelector(".hinterland-tip");
    const tip = body?.parentElement;
    if (!body || body.dataset.filled) return;
    body.dataset.filled = "waits";
    turn(chart, tip);
    const { from, i, p, people } = body.dataset;
    if (/^\d+$/.test(p)) add(body, people.replace("#", Number(p).toLocaleString("en")));
    if (!from) return;
    figures(from).then((columns) => {
      if (!body.isConnected) return;
      for (const { label, texts: words, at } of columns) {
        const text = words[at ? at[Number(i)] : 0];
        if (!text) continue;
        add(body, label ? `${label}: ${text}` : text);
      }
      body.dataset.filled = "yes";
      turn(chart, tip);
    });
  }

  // Vega gives the frame of a brush a role but no name; it says nothing to a reader. Hidden in the
  // same turn as it is drawn, so that no reader of the page finds it between two looks.
  const BRUSH = "g.role-mark[class*='brush_']:not([aria-hidden])";
  const hideBrushes = () => document.querySelectorAll(BRUSH)
    .forEach((mark) => mark.setAttribute("aria-hidden", "true"));
  new MutationObserver((changes) => {
    const drawn = (node) => node instanceof SVGElement || node.querySelector?.("svg");
    const isDrawn = (change) => (change.type === "attributes"
      ? change.target instanceof SVGElement : [...change.addedNodes].some(drawn));
    if (changes.some(isDrawn)) hideBrushes();
  }).observe(document.documentElement,
    { childList: true, subtree: true, attributeFilter: ["class", "role", "aria-hidden"] });
  hideBrushes();

  setInterval(() => document.querySelectorAll(CHART).forEach((chart) => {
    try { look(chart); } catch (error) { console.debug(error); }
  }), 150);
})();
