// Files that go to the server while the words are still written: each with how far it is, each can be stopped.
import { put } from "rapport/marking";

const hex = (bytes) => [...crypto.getRandomValues(new Uint8Array(bytes))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export class Uploads {
  constructor(box, changed) {
    Object.assign(this, { box, changed, running: new Set() });
    this.place = box.querySelector(".composer__files");
    this.row = box.querySelector("template[data-upload]");
    this.words = box.querySelector("textarea");
    this.form = box.querySelector("form");
    this.words.addEventListener("paste", (event) => this.pasted(event));
    box.addEventListener("dragover", (event) => event.dataTransfer?.types.includes("Files") && this.over(event, true));
    box.addEventListener("dragleave", (event) => !box.contains(event.relatedTarget) && this.over(event, false));
    box.addEventListener("drop", (event) => this.dropped(event));
    this.form.addEventListener("submit", (event) => this.hold(event), true);
  }

  // Words that come with a picture of themselves, as out of a table, stay words.
  pasted(event) {
    const { files, types } = event.clipboardData;
    if (!files.length || types.includes("text/plain")) return;
    event.preventDefault();
    this.add(files, { inline: true });
  }

  over(event, is) {
    event.preventDefault();
    this.box.toggleAttribute("data-over", is);
  }

  dropped(event) {
    if (!event.dataTransfer?.files.length) return;
    this.over(event, false);
    this.add(event.dataTransfer.files);
  }

  add(files, { inline = false } = {}) {
    for (const file of files) this.send(file, inline && file.type.startsWith("image/"));
  }

  send(file, inline) {
    const row = this.row.content.firstElementChild.cloneNode(true);
    const cid = hex(8);
    row.querySelector("bdi").textContent = file.name;
    this.place.append(row);
    if (inline) put(this.words, this.words.selectionStart, this.words.selectionEnd, `![${file.name.replace(/[[\]]/g, "")}](cid:${cid})`);
    if (file.size > Number(this.row.dataset.most)) return this.fail(row, "large", cid);
    const request = new XMLHttpRequest();
    this.running.add(request);
    request.upload.onprogress = (event) => { row.querySelector("progress").value = event.loaded / event.total; };
    request.onloadend = () => this.ended(request, row, cid);
    row.querySelector("button").onclick = () => { request.abort(); row.remove(); this.forget(cid); };
    request.open("POST", this.row.dataset.to);
    request.setRequestHeader("HX-Request", "true");
    request.setRequestHeader("X-CSRFToken", this.form.elements.csrfmiddlewaretoken.value);
    const body = new FormData();
    body.set("file", file);
    body.set("cid", cid);
    request.send(body);
  }

  async ended(request, row, cid) {
    this.running.delete(request);
    if (request.status === 200) {
      await htmx.swap({ sourceElement: row, target: row, text: request.responseText, swap: "outerHTML" });
      this.changed();
    } else if (row.isConnected) this.fail(row, request.status === 413 || request.status === 422 ? "large" : "line", cid);
    if (this.waiting && !this.running.size) { const button = this.waiting; this.waiting = undefined; this.form.requestSubmit(button); }
  }

  // What did not arrive is named with the reason until it is taken away; its place in the words goes.
  fail(row, why, cid) {
    row.querySelector("progress").remove();
    row.querySelector(`[data-when=${why}]`).hidden = false;
    row.querySelector("button").onclick = () => row.remove();
    this.forget(cid);
    this.waiting = undefined;
  }

  forget(cid) {
    const found = new RegExp(`!\\[[^\\]]*\\]\\(cid:${cid}\\)`).exec(this.words.value);
    if (found) put(this.words, found.index, found.index + found[0].length, "");
  }

  // What is sent while a file is under way goes when that has arrived.
  hold(event) {
    if (!this.running.size) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.waiting = event.submitter;
  }
}
