(() => {
  "use strict";
  const body = document.body;
  const pieces = [...document.querySelectorAll(".e")];
  const cards = [...document.querySelectorAll(".card")];
  const byId = new Map(cards.map((card) => [card.dataset.id, card]));
  const kindOf = new Map(cards.map((card) => [card.dataset.id, card.dataset.kind]));
  const piecesOf = new Map(cards.map((card) => [card.dataset.id, []]));
  for (const piece of pieces) for (const id of piece.dataset.records.split(" ")) piecesOf.get(id).push(piece);
  const filters = [...document.querySelectorAll(".filter")];
  const find = document.getElementById("find");
  let shown = new Set(filters.map((filter) => filter.dataset.kind));
  let lit = null;

  const light = (id) => {
    if (lit !== null) {
      byId.get(lit).classList.remove("lit");
      for (const piece of piecesOf.get(lit)) piece.classList.remove("lit");
    }
    lit = id;
    if (id === null) return;
    byId.get(id).classList.add("lit");
    for (const piece of piecesOf.get(id)) piece.classList.add("lit");
  };
  const narrow = () => matchMedia("(max-width:760px)").matches;
  const show = (element) => element && element.scrollIntoView({ block: "center", behavior: "auto" });
  const toSource = (id) => {
    light(id);
    if (narrow()) body.dataset.view = "source";
    show(piecesOf.get(id)[0]);
  };
  const toRecord = (id) => {
    light(id);
    if (narrow()) body.dataset.view = "records";
    show(byId.get(id));
  };
  // The innermost record that is shown: the last one opened before this piece.
  const idAt = (piece) => piece.dataset.records.split(" ").filter((id) => shown.has(kindOf.get(id))).pop();

  document.getElementById("source").addEventListener("click", (event) => {
    const piece = event.target.closest(".e");
    if (!piece || String(getSelection()).length) return;
    const id = idAt(piece);
    if (id) toRecord(id);
  });
  document.getElementById("source").addEventListener("mouseover", (event) => {
    const piece = event.target.closest(".e");
    const id = piece && idAt(piece);
    if (id && !narrow()) light(id);
  });
  const records = document.getElementById("records");
  records.addEventListener("click", (event) => {
    const card = event.target.closest(".card");
    if (card) toSource(card.dataset.id);
  });
  records.addEventListener("mouseover", (event) => {
    const card = event.target.closest(".card");
    if (card && !narrow()) light(card.dataset.id);
  });
  records.addEventListener("keydown", (event) => {
    const card = event.target.closest(".card");
    if (card && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      toSource(card.dataset.id);
    }
  });

  const apply = () => {
    const words = find.value.trim().toLowerCase();
    let any = false;
    for (const card of cards) {
      const visible = shown.has(card.dataset.kind) && (!words || card.textContent.toLowerCase().includes(words));
      card.hidden = !visible;
      any ||= visible;
    }
    for (const piece of pieces) piece.classList.toggle("off", !idAt(piece));
    document.getElementById("none").hidden = any;
  };
  for (const filter of filters)
    filter.addEventListener("click", () => {
      const on = filter.getAttribute("aria-pressed") !== "true";
      filter.setAttribute("aria-pressed", String(on));
      if (on) shown.add(filter.dataset.kind);
      else shown.delete(filter.dataset.kind);
      apply();
    });
  find.addEventListener("input", apply);
  for (const button of document.querySelectorAll("#switch button"))
    button.addEventListener("click", () => {
      body.dataset.view = button.dataset.view;
      scrollTo(0, 0);
    });
})();
