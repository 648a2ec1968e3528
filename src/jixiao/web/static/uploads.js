// Files dropped or chosen go up one by one; their states come as server-sent events.
(() => {
  "use strict";
  const drop = document.getElementById("drop");
  const files = document.getElementById("files");
  const rows = document.querySelector("#uploads tbody");
  const words = JSON.parse(drop.dataset.states);
  const mark = document.querySelector("meta[name=form-mark]").content;
  document.getElementById("send").hidden = true;

  const rowFor = (name, size) => {
    const row = document.createElement("tr");
    for (let at = 0; at < 4; at++) row.insertCell();
    row.cells[0].textContent = name;
    row.cells[1].textContent = `${Math.round(size / 1000).toLocaleString("en")} kB`;
    row.cells[1].className = "n";
    return row;
  };
  const state = (row, name, reason) => {
    const tag = document.createElement("span");
    tag.className = `tag ${name}`;
    tag.textContent = words[name];
    row.cells[2].replaceChildren(tag, reason ? ` ${reason}` : "");
  };
  const post = (address) => fetch(address, { method: "POST", headers: { Accept: "application/json", "X-Form-Mark": mark } });
  const button = (label, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = label;
    made.addEventListener("click", act);
    return made;
  };

  const waiting = [];
  let sending = false;
  const send = async () => {
    if (sending) return;
    sending = true;
    while (waiting.length) {
      const [file, row] = waiting.shift();
      const data = new FormData();
      data.append("files", file, file.name);
      try {
        const answer = await fetch("/uploads", { method: "POST", body: data, headers: { Accept: "application/json", "X-Form-Mark": mark } });
        const content = await answer.json();
        if (answer.ok && !content.wrong.length) row.remove(); // its own row comes with the events
        else state(row, "failed", content.detail ?? content.wrong.join(" "));
      } catch {
        state(row, "lost");
        row.cells[3].replaceChildren(button(drop.dataset.retry, () => add([file], row)));
      }
    }
    sending = false;
  };
  const add = (list, again) => {
    for (const file of list) {
      const row = again ?? rowFor(file.name, file.size);
      state(row, "sending");
      row.cells[3].replaceChildren();
      if (!again) rows.prepend(row);
      if (file.size > Number(drop.dataset.most)) state(row, "failed", drop.dataset.large);
      else waiting.push([file, row]);
    }
    send();
  };
  const take = () => {
    add([...files.files]);
    files.value = "";
  };
  files.addEventListener("change", take);
  if (files.files.length) take(); // chosen before this script was there
  for (const name of ["dragenter", "dragover"])
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    add([...event.dataTransfer.files]);
  });

  const acts = (each) => {
    if (each.state === "done" && each.report_id) {
      const link = document.createElement("a");
      link.className = "button";
      link.href = `/reports/${each.report_id}`;
      link.textContent = drop.dataset.open;
      return [link];
    }
    if (each.state === "waiting" || each.state === "reading") return [button(drop.dataset.cancel, () => post(`/uploads/${each.id}/cancel`))];
    if (each.state !== "done" && each.sha256) return [button(drop.dataset.retry, () => post(`/uploads/${each.id}/retry`))];
    return [];
  };
  const events = new EventSource("/uploads/events");
  events.onmessage = (event) => {
    const list = JSON.parse(event.data);
    const known = new Map([...rows.querySelectorAll("tr[data-id]")].map((row) => [Number(row.dataset.id), row]));
    const counts = {};
    for (const each of [...list].reverse()) {
      counts[each.state] = (counts[each.state] ?? 0) + 1;
      let row = known.get(each.id);
      if (!row) {
        row = rowFor(each.name, each.size);
        row.dataset.id = each.id;
        rows.prepend(row);
      }
      known.delete(each.id);
      if (row.dataset.state !== each.state) {
        row.dataset.state = each.state;
        state(row, each.state, each.reason);
        row.cells[3].replaceChildren(...acts(each));
      }
    }
    for (const row of known.values()) row.remove();
    document.getElementById("sum").textContent = Object.entries(counts)
      .map(([name, count]) => `${words[name]} ${count}`)
      .join(" · ");
  };
  addEventListener("pagehide", () => events.close());
})();
