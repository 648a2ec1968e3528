// Source and records light each other up; decisions by button or key; words selected become a record.
(() => {
  "use strict";
  const body = document.body;
  const source = document.getElementById("source");
  const records = document.getElementById("records");
  const decide = document.getElementById("decide");
  const form = document.getElementById("form");
  const adder = document.getElementById("adder");
  const said = document.getElementById("said");
  const find = document.getElementById("find");
  const only = document.getElementById("only");
  const filters = [...document.querySelectorAll(".filter")];
  const piecesOf = new Map();
  const cardOf = (id) => document.getElementById(`r-${id}`);
  const kindOf = new Map([...records.querySelectorAll(".card")].map((card) => [card.dataset.id, card.dataset.kind]));
  const shown = new Set(filters.map((filter) => filter.dataset.kind));
  let lit = null;

  const narrow = () => matchMedia("(max-width:760px)").matches;
  const show = (element) => element && element.scrollIntoView({ block: "center" });
  const light = (id) => {
    if (lit !== null) {
      cardOf(lit)?.classList.remove("lit");
      for (const piece of piecesOf.get(lit) ?? []) piece.classList.remove("lit");
    }
    lit = id;
    if (id === null) return;
    cardOf(id)?.classList.add("lit");
    for (const piece of piecesOf.get(id) ?? []) piece.classList.add("lit");
  };
  const toSource = async (id) => {
    light(id);
    if (narrow()) body.dataset.view = "source";
    await whole(sheafAt(Number(cardOf(id).dataset.start)));
    show((piecesOf.get(id) ?? [])[0]);
  };
  const toRecord = async (id) => {
    light(id);
    if (narrow()) body.dataset.view = "records";
    await wholeCard(id);
    show(cardOf(id));
  };
  const idAt = (piece) => piece.dataset.r.split(" ").filter((id) => shown.has(kindOf.get(id))).pop();

  // Of a long report what lies further down is plain words until one comes near it

  const learn = (root) => {
    for (const piece of root.querySelectorAll(".e")) {
      for (const id of piece.dataset.r.split(" ")) {
        if (!piecesOf.has(id)) piecesOf.set(id, []);
        piecesOf.get(id).push(piece);
        if (id === lit) piece.classList.add("lit");
      }
      piece.classList.toggle("off", !idAt(piece));
    }
  };
  learn(source);
  const put = (old, card) => {
    const focused = old === document.activeElement;
    card.hidden = old.hidden;
    card.classList.toggle("lit", card.dataset.id === lit);
    old.replaceWith(card);
    if (focused) card.focus({ preventScroll: true });
  };
  const whole = async (sheaf) => {
    if (!sheaf?.dataset.part) return;
    const answer = await fetch(sheaf.dataset.part).catch(() => null);
    if (!answer?.ok) return;
    const made = document.createElement("template");
    made.innerHTML = await answer.text();
    if (!sheaf.dataset.part) return; // asked for twice, and the other was first
    delete sheaf.dataset.part;
    if (source.contains(sheaf)) {
      sheaf.replaceChildren(made.content);
      learn(sheaf);
    } else for (const card of [...made.content.children]) if (cardOf(card.dataset.id)?.matches(".light")) put(cardOf(card.dataset.id), card);
  };
  const wholeCard = (id) => whole(cardOf(id)?.closest(".sheaf"));
  const sheafAt = (offset) => [...source.querySelectorAll(".sheaf")].filter((sheaf) => Number(sheaf.dataset.from) <= offset).pop();
  const near = new Set();
  const fetchNear = async () => {
    if (fetchNear.busy) return;
    fetchNear.busy = true;
    while (near.size) {
      const sheaf = [...near].pop(); // the latest is where the reader is
      near.delete(sheaf);
      await whole(sheaf);
      await new Promise(requestAnimationFrame);
    }
    fetchNear.busy = false;
  };
  for (const pane of [source, records]) {
    const watch = new IntersectionObserver(
      (entries) => {
        for (const entry of entries) near[entry.isIntersecting ? "add" : "delete"](entry.target);
        fetchNear();
      },
      { root: narrow() ? null : pane, rootMargin: "100% 0px" },
    );
    for (const sheaf of pane.querySelectorAll("[data-part]")) watch.observe(sheaf);
  }

  source.addEventListener("click", (event) => {
    const piece = event.target.closest(".e");
    if (!piece || String(getSelection()).length) return;
    const id = idAt(piece);
    if (id) toRecord(id);
  });
  records.addEventListener("click", (event) => {
    if (event.target.closest("button,a.button")) return;
    const card = event.target.closest(".card");
    if (card) {
      event.preventDefault();
      toSource(card.dataset.id);
    }
  });

  // Filters

  const apply = () => {
    const words = find.value.trim().toLowerCase();
    let any = false;
    for (const card of records.querySelectorAll(".card")) {
      const state = only.value;
      const fits =
        !state || (state === "disputed" ? "disputed" in card.dataset : card.dataset.key && (state === "open") === (card.dataset.review === "open"));
      const visible = shown.has(card.dataset.kind) && fits && (!words || card.textContent.toLowerCase().includes(words));
      card.hidden = !visible;
      any ||= visible;
    }
    for (const sheaf of records.querySelectorAll(".sheaf")) sheaf.hidden = [...sheaf.children].every((card) => card.hidden);
    document.getElementById("none").hidden = any;
  };
  const applyKinds = () => {
    for (const piece of source.querySelectorAll(".e")) piece.classList.toggle("off", !idAt(piece));
    apply();
  };
  for (const filter of filters)
    filter.addEventListener("click", () => {
      const on = filter.getAttribute("aria-pressed") !== "true";
      filter.setAttribute("aria-pressed", String(on));
      if (on) shown.add(filter.dataset.kind);
      else shown.delete(filter.dataset.kind);
      applyKinds();
    });
  find.addEventListener("input", apply);
  only.addEventListener("change", apply);
  for (const button of document.querySelectorAll("#switch button"))
    button.addEventListener("click", () => {
      body.dataset.view = button.dataset.view;
      scrollTo(0, 0);
    });

  // Addresses: #r-m12 is a record, #at-120 a place

  const pieceAt = async (offset) => {
    let best = null;
    const sheaf = sheafAt(offset);
    await whole(sheaf);
    for (const piece of sheaf?.querySelectorAll("[data-s]") ?? []) {
      if (Number(piece.dataset.s) > offset) break;
      best = piece;
    }
    return best;
  };
  const follow = async () => {
    const [, what, value] = location.hash.match(/^#(r|at)-(.+)$/) ?? [];
    if (what === "r" && cardOf(value)) {
      await wholeCard(value);
      show(cardOf(value));
      await toSource(value);
    }
    if (what === "at") {
      const piece = await pieceAt(Number(value));
      if (!piece) return;
      if (narrow()) body.dataset.view = "source";
      show(piece);
      piece.classList.add("flash");
      setTimeout(() => piece.classList.remove("flash"), 3000);
      const id = piece.dataset.r && idAt(piece);
      if (id) light(id);
    }
  };
  addEventListener("hashchange", follow);
  follow();
  if (!decide) return;

  // Decisions

  const mark = document.querySelector("meta[name=form-mark]").content;
  const tell = (words) => {
    said.textContent = words;
    said.hidden = false;
    clearTimeout(tell.timer);
    tell.timer = setTimeout(() => (said.hidden = true), 6000);
  };
  const send = async (address, data) => {
    let answer;
    try {
      answer = await fetch(address, { method: "POST", body: data, headers: { Accept: "application/json", "X-Form-Mark": mark } });
      const content = await answer.json();
      if (answer.ok) return content;
      tell(content.detail);
      return { failed: content.detail, status: answer.status };
    } catch {
      tell(said.dataset.failed);
      return { failed: said.dataset.failed };
    }
  };
  const take = (content) => {
    if (!content || content.failed) return false;
    document.getElementById("progress").innerHTML = content.progress;
    if (!content.card) return true;
    const made = document.createElement("template");
    made.innerHTML = content.card;
    const card = made.content.firstElementChild;
    const old = cardOf(content.id) ?? [...records.querySelectorAll(".card")].find((each) => each.dataset.key === content.key);
    const focused = old?.contains(document.activeElement);
    if (old) put(old, card);
    else {
      const next = [...records.querySelectorAll(".card")].find((each) => Number(each.dataset.start) > Number(card.dataset.start));
      (next ?? document.getElementById("none")).before(card);
      kindOf.set(content.id, card.dataset.kind);
    }
    kindOf.set(content.id, card.dataset.kind);
    if (focused || !old) card.focus();
    light(content.id);
    return true;
  };
  const judge = async (decision) => {
    const data = new FormData();
    data.set("decision", decision);
    return take(await send(decide.action, data));
  };
  records.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=decision]");
    const correct = event.target.closest("[data-correct]");
    if (button) {
      event.preventDefault();
      judge(button.value);
    } else if (correct) {
      event.preventDefault();
      open(correct.href);
    }
  });
  const undo = document.getElementById("undo");
  undo.addEventListener("submit", async (event) => {
    event.preventDefault();
    const content = await send(undo.action, new FormData());
    if (content.failed) return;
    if (!content.card && content.key) location.reload(); // what was added is gone
    take(content);
  });

  // Forms

  const open = async (address) => {
    const answer = await fetch(address, { headers: { "X-Part": "1" } });
    if (!answer.ok) return;
    form.innerHTML = await answer.text();
    if (!form.open) form.showModal();
    form.querySelector("input:not([type=hidden]),textarea,select")?.focus();
  };
  document.getElementById("add").addEventListener("click", (event) => {
    event.preventDefault();
    const words = selected();
    if (words) open(`${event.target.href}?kind=figure&start=${words[0]}&end=${words[1]}`);
    else location.assign(event.target.href);
  });
  form.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) {
      event.preventDefault();
      form.close();
    }
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const content = await send(event.target.action, new FormData(event.target));
    if (content.failed) {
      const wrong = form.querySelector(".wrong");
      wrong.textContent = content.failed;
      wrong.hidden = false;
      form.scrollTo(0, 0);
      return;
    }
    form.close();
    take(content);
  });

  // Words selected in the source: their place in code points of the text

  const placeIn = (node, offset) => {
    const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    const piece = element.closest("[data-s]");
    if (!piece) return null;
    const before = node.nodeType === Node.TEXT_NODE ? node.data.slice(0, offset) : "";
    return Number(piece.dataset.s) + [...before].length;
  };
  const selected = () => {
    const selection = getSelection();
    if (selection.isCollapsed || !selection.rangeCount) return null;
    const range = selection.getRangeAt(0);
    if (!source.contains(range.commonAncestorContainer)) return null;
    let end = placeIn(range.endContainer, range.endOffset);
    const start = placeIn(range.startContainer, range.startOffset);
    if (end === null) {
      // the selection ends at the beginning of a block: its last word is the one before
      const inside = [...source.querySelectorAll("[data-s]")].filter((piece) => range.intersectsNode(piece));
      const last = inside.pop();
      if (last) end = Number(last.dataset.s) + [...last.textContent].length;
    }
    return start !== null && end !== null && start < end ? [start, end] : null;
  };
  document.addEventListener("selectionchange", () => {
    const words = selected();
    adder.hidden = !words;
    if (!words) return;
    const box = getSelection().getRangeAt(0).getBoundingClientRect();
    adder.style.left = `${Math.max(8, Math.min(box.left, innerWidth - 440)) + scrollX}px`;
    adder.style.top = `${Math.min(box.bottom + 8, innerHeight - 90) + scrollY}px`;
  });
  adder.addEventListener("mousedown", (event) => event.preventDefault());
  adder.addEventListener("click", (event) => {
    const kind = event.target.dataset.add;
    const words = selected();
    if (kind && words) {
      adder.hidden = true;
      open(`/reports/${decide.dataset.report}/add?kind=${kind}&start=${words[0]}&end=${words[1]}`);
    }
  });

  // Keys

  const visible = () => [...records.querySelectorAll(".card")].filter((card) => !card.hidden);
  const step = async (by, fits = () => true) => {
    const cards = visible();
    const at = cards.findIndex((card) => card.dataset.id === lit);
    for (let next = at < 0 ? (by > 0 ? 0 : cards.length - 1) : at + by; next >= 0 && next < cards.length; next += by)
      if (fits(cards[next])) {
        const id = cards[next].dataset.id;
        light(id);
        await wholeCard(id);
        cardOf(id).focus({ preventScroll: true });
        show(cardOf(id));
        await whole(sheafAt(Number(cardOf(id).dataset.start)));
        show((piecesOf.get(id) ?? [])[0]);
        return;
      }
  };
  const current = () => (document.activeElement.closest?.(".card") ?? (lit && cardOf(lit))) || null;
  const help = document.getElementById("help");
  document.getElementById("keys").addEventListener("click", () => help.showModal());
  document.addEventListener("keydown", async (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input,textarea,select,dialog")) return;
    const card = current();
    const key = card?.dataset.key;
    const acts = {
      j: () => step(1),
      k: () => step(-1),
      n: () => step(1, (each) => each.dataset.review === "open"),
      a: async () => key && (await judge(`accept:${key}`)) && step(1),
      x: async () => key && (await judge(`reject:${key}`)) && step(1),
      e: () => key && open(card.querySelector("[data-correct]").href),
      i: () => document.getElementById("add").click(),
      u: () => undo.requestSubmit(),
      "/": () => find.focus(),
      "?": () => help.showModal(),
      Enter: () => card && !event.target.closest("button,a") && toSource(card.dataset.id),
    };
    const act = acts[event.key];
    if (!act || (event.key === "Enter" && event.target.closest("button,a"))) return;
    event.preventDefault();
    await act();
  });
})();
