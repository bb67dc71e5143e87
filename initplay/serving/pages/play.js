"use strict";
// Ask for a place; once there is one, load textual-serve's terminal and let it connect. What it shows when the line
// ends is ours, and so is a word from the server.

const ASK_AGAIN = 3000; // milliseconds
const WORD_STAYS = 15000;
const element = (id) => document.getElementById(id);

// Of this tab, also after a reload: then the same playground is still there.
function tab() {
  if (!sessionStorage.tab) {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    sessionStorage.tab = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }
  return sessionStorage.tab;
}

function say(sentence, { back = false } = {}) {
  document.body.classList.remove("-playing");
  element("says").textContent = sentence;
  element("back").hidden = !back;
  if (back) element("back").focus();
}

function begin() {
  document.body.classList.add("-playing");
  document.querySelector(".xterm-helper-textarea").focus(); // that is where the terminal takes its keys
}

function showWord(sentence) {
  element("word").textContent = sentence;
  element("word").hidden = false;
  clearTimeout(showWord.timer);
  showWord.timer = setTimeout(() => (element("word").hidden = true), WORD_STAYS);
}

// The terminal opens its own WebSocket; this one tells the page what goes on there.
window.WebSocket = class extends WebSocket {
  constructor(...options) {
    super(...options);
    this.addEventListener("message", ({ data }) => {
      if (typeof data !== "string") {
        if (!document.body.classList.contains("-playing")) begin();
        return;
      }
      const [kind, what] = JSON.parse(data);
      if (kind === "word") showWord(what);
    });
    this.addEventListener("close", ({ reason }) => {
      say(reason || "The line to the playground broke. Your work is kept.", { back: true });
    });
  }
};

async function place() {
  for (;;) {
    let says = "The server does not answer. This page asks again by itself.";
    try {
      const answer = await fetch(`/place/${tab()}`, { cache: "no-store" });
      if (answer.status === 403) return location.reload();
      const { waiting, says: sentence } = await answer.json();
      if (waiting === 0) return undefined;
      says = sentence;
    } catch (error) {
      console.log(error);
    }
    say(says);
    await new Promise((done) => setTimeout(done, ASK_AGAIN));
  }
}

async function play() {
  element("back").addEventListener("click", () => location.reload());
  await place();
  say("One moment…");
  await document.fonts.load("16px 'Roboto Mono'"); // the size of a cell is that of its letters
  const address = new URL(`/ws/${tab()}`, location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const terminal = element("terminal");
  terminal.dataset.sessionWebsocketUrl = address.href;
  terminal.classList.add("textual-terminal");
  const script = document.createElement("script");
  script.src = "/static/js/textual.js";
  script.addEventListener("load", () => window.onload()); // which it has set, and which is over for this page
  document.head.append(script);
}

window.addEventListener("load", play);
